import { type KeyValue, readKeyValues } from './any_value';
import type { Span } from './schemas';

// The parts of a span that are read when someone looks at it.

export const kStatusError = 2;

const kKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

export function kindName(kind: number): string {
  return kKinds[kind] ?? `kind ${kind}`;
}

export function statusName(code: number): 'unset' | 'ok' | 'error' {
  if (code === kStatusError) return 'error';
  return code === 1 ? 'ok' : 'unset';
}

export interface SpanEvent {
  time: bigint;
  name: string;
  attributes: KeyValue[];
  dropped_attributes: number;
}

export interface SpanLink {
  trace_id: string;
  span_id: string;
  trace_state: string;
  attributes: KeyValue[];
  dropped_attributes: number;
}

function records(wire: unknown): Record<string, unknown>[] {
  if (!Array.isArray(wire)) return [];
  return wire.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
const nanos = (value: unknown): bigint =>
  typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : 0n;

export function spanEvents(span: Span): SpanEvent[] {
  return records(span.events).map((event) => ({
    time: nanos(event['timeUnixNano']),
    name: text(event['name']),
    attributes: readKeyValues(event['attributes']),
    dropped_attributes: count(event['droppedAttributesCount']),
  }));
}

export function spanLinks(span: Span): SpanLink[] {
  return records(span.links).map((link) => ({
    trace_id: text(link['traceId']),
    span_id: text(link['spanId']),
    trace_state: text(link['traceState']),
    attributes: readKeyValues(link['attributes']),
    dropped_attributes: count(link['droppedAttributesCount']),
  }));
}

// The span as JSON for the clipboard: OTLP's names, with resource and scope spelled out.
export function spanToJson(span: Span, resource: unknown, scope: unknown): string {
  const whole = { ...span, resource, scope };
  return JSON.stringify(
    whole,
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  );
}
