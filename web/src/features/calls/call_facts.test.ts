import { expect, describe as group, it } from 'vitest';
import { readCall } from '@/api/call';
import type { CallItem } from '@/api/schemas';
import { costFact, describe, notCounted, subjectOf, tokensFact } from './call_facts';

const kItem: CallItem = {
  trace_id: 'a'.repeat(32),
  span_id: 'b'.repeat(16),
  start_unix_nano: 1_764_072_000_000_000_000n,
  duration_nano: 1_500_000_000n,
  service: 'web',
  name: 'chat',
  counts: true,
  call: {},
};
const read = (wire: object) => readCall({ kind: 'llm', ...wire })!;

group('a cost', () => {
  it('says its rule, or why there is none', () => {
    expect(
      costFact(
        read({ cost: { status: 'computed', total: 0.0035, rule: 'openai/gpt-4o', table_version: '2026' } }),
      ),
    ).toEqual({ text: '$0.0035', absent: false, title: '$0.0035, rule openai/gpt-4o, prices of 2026' });
    expect(costFact(read({ cost: { status: 'unpriced', reason: 'model_unknown' } }))).toEqual({
      text: 'unpriced',
      absent: true,
      title: 'no rule of the price table fits the model',
    });
    expect(costFact(read({ cost: { status: 'no_usage' } }))?.text).toBe('no usage');
  });

  it('is nothing where a call has none: a tool', () => {
    expect(costFact(read({ kind: 'tool' }))).toBeNull();
  });
});

group('tokens', () => {
  it('are the sum, with its parts behind it', () => {
    const usage = { input_tokens: 1_200, output_tokens: 300, cache_read_tokens: 1_000 };
    expect(tokensFact(read({ usage }))).toEqual({
      text: '1.5k',
      absent: false,
      title: '1,200 in, 300 out, 1,000 of it from cache',
    });
  });

  it('that a model did not tell are said so, and those of a tool are not missed', () => {
    expect(tokensFact(read({}))?.text).toBe('no usage');
    expect(tokensFact(read({ kind: 'tool' }))).toBeNull();
  });
});

it('the model that answered goes before the one asked for', () => {
  expect(subjectOf(read({ request: { model: 'a' }, response: { model: 'a-1' } }))).toBe('a-1');
  expect(subjectOf(read({ kind: 'tool', tool: { name: 'search' } }))).toBe('search');
});

it('a call that is not counted says where it is', () => {
  expect(notCounted(kItem, read({}))).toBeNull();
  const outer = { ...kItem, counts: false };
  expect(notCounted(outer, read({ usage: { scope: 'aggregate' } }))).toContain('a sum over other calls');
  expect(notCounted(outer, read({ duplicate_of: 'c'.repeat(16) }))).toContain('Another span');
});

it('a row reads as one sentence', () => {
  const call = read({
    response: { model: 'gpt-4o' },
    usage: { input_tokens: 10, output_tokens: 2 },
    cost: { status: 'unpriced' },
    failed: true,
  });
  expect(describe(kItem, call, kItem.start_unix_nano + 60_000_000_000n)).toBe(
    ' llm, gpt-4o, web, 12 tokens, unpriced, 1.50 s, failed, 1 min ago',
  );
});
