import { expect, it } from 'vitest';
import type { TraceSummary } from '@/api/schemas';
import { joinPages } from './use_trace_list';

const item = (trace_id: string, span_count = 1) => ({ trace_id, span_count }) as TraceSummary;

it('a trace that is on two pages is listed once, where it came first', () => {
  const joined = joinPages([{ items: [item('a'), item('b')] }, { items: [item('b'), item('c')] }], []);
  expect(joined.map((trace) => trace.trace_id)).toEqual(['a', 'b', 'c']);
});

it('newer facts replace older ones without moving the row', () => {
  const joined = joinPages([{ items: [item('a'), item('b', 2)] }], [item('new'), item('b', 5)]);
  expect(joined.map((trace) => [trace.trace_id, trace.span_count])).toEqual([
    ['a', 1],
    ['b', 5],
  ]);
});
