import type { Span } from '@/api/schemas';
import type { TraceTree } from './tree';

// Positions of the spans in whose name, service, ids, status or attributes the text occurs,
// whatever its case. One pass over what was sent, without a copy of it: a trace can hold 100 MB.
export function findSpans(tree: TraceTree, text: string): Int32Array {
  const wanted = text.trim();
  if (wanted === '') return new Int32Array(0);
  const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  const found: number[] = [];
  for (let position = 0; position < tree.count; position++) {
    if (matches(tree.spans[position]!, pattern)) found.push(position);
  }
  return Int32Array.from(found);
}

function matches(span: Span, pattern: RegExp): boolean {
  return (
    pattern.test(span.name) ||
    pattern.test(span.service) ||
    pattern.test(span.spanId) ||
    pattern.test(span.status.message) ||
    holds(span.attributes, pattern, 0) ||
    holds(span.events, pattern, 0)
  );
}

const kDepthMax = 32;
// The text fields of OTLP in which a sender writes words; the others hold times and ids.
const kWords = new Set(['key', 'name', 'stringValue', 'intValue']);

function holds(value: unknown, pattern: RegExp, depth: number): boolean {
  if (typeof value === 'string') return pattern.test(value);
  if (typeof value !== 'object' || value === null || depth > kDepthMax) return false;
  if (Array.isArray(value)) return value.some((item) => holds(item, pattern, depth + 1));
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'string' && !kWords.has(name)) continue;
    if (holds(item, pattern, depth + 1)) return true;
  }
  return false;
}
