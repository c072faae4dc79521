// OTLP/JSON requests for the tests.
import { randomBytes } from 'node:crypto';

const kMillisecond = 1_000_000n;

export const newTraceId = () => randomBytes(16).toString('hex');
export const newSpanId = () => randomBytes(8).toString('hex');

function valueOf(value) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value.toString() };
  if (typeof value === 'number') return { doubleValue: value };
  return value;
}

export const attributesOf = (record) =>
  Object.entries(record).map(([key, value]) => ({ key, value: valueOf(value) }));

// The instant `ms` milliseconds before now, in nanoseconds.
export const ago = (ms) => (BigInt(Date.now()) - BigInt(ms)) * kMillisecond;

// A span that starts `at` (nanoseconds) and takes `ms`.
export function span({ trace_id, parent = '', name, at, ms, kind = 1, attributes = {}, ...rest }) {
  return {
    traceId: trace_id,
    spanId: newSpanId(),
    parentSpanId: parent,
    name,
    kind,
    startTimeUnixNano: at.toString(),
    endTimeUnixNano: (at + BigInt(Math.round(ms * 1_000_000))).toString(),
    attributes: attributesOf(attributes),
    ...rest,
  };
}

// One request from spans by service: {web: [span, ...], db: [...]}.
export function request(by_service) {
  return {
    resourceSpans: Object.entries(by_service).map(([service, spans]) => ({
      resource: { attributes: attributesOf({ 'service.name': service, 'deployment.environment.name': 'test' }) },
      scopeSpans: [{ scope: { name: 'browser-tests', version: '1' }, spans }],
    })),
  };
}

// A trace of one span.
export function single({ service, name, at, ms, ...rest }) {
  const trace_id = newTraceId();
  return { trace_id, request: request({ [service]: [span({ trace_id, name, at, ms, ...rest })] }) };
}

export const kFailed = { status: { code: 2, message: 'it broke' } };
