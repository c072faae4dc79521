import { expect, it } from 'vitest';
import type { CallItem } from '@/api/schemas';
import { joinPages } from './use_call_list';

const item = (trace_id: string, span_id: string) => ({ trace_id, span_id }) as CallItem;

it('a call that is on two pages is listed once; another span of its trace is another call', () => {
  const joined = joinPages([
    { items: [item('a', '1'), item('a', '2')] },
    { items: [item('a', '2'), item('b', '2')] },
  ]);
  expect(joined.map((call) => call.trace_id + call.span_id)).toEqual(['a1', 'a2', 'b2']);
});
