import { describe, expect, it } from 'vitest';
import type { CallTotals } from '@/api/schemas';
import { costText, missingCost, missingTokens } from './call_sums';

const cost = (given: Partial<CallTotals['cost']>): CallTotals['cost'] => ({
  total: null,
  computed_calls: 0,
  reported_calls: 0,
  unpriced_calls: 0,
  no_usage_calls: 0,
  ...given,
});

describe('a cost', () => {
  it('is an amount, or why there is none, never a made-up zero', () => {
    expect(costText(cost({ total: 0.00475, computed_calls: 1 }))).toBe('$0.0047');
    expect(costText(cost({ total: 0, computed_calls: 1 }))).toBe('$0');
    expect(costText(cost({ unpriced_calls: 1, no_usage_calls: 1 }))).toBe('unpriced');
    expect(costText(cost({ no_usage_calls: 1 }))).toBe('no usage');
    expect(costText(cost({}))).toBe('–');
  });

  it('names what it leaves out', () => {
    expect(missingCost(cost({ total: 1, computed_calls: 1 }))).toBeNull();
    expect(missingCost(cost({ total: 1, unpriced_calls: 2 }))).toBe('without 2 unpriced calls');
    expect(missingCost(cost({ total: 1, unpriced_calls: 1, no_usage_calls: 1 }))).toBe(
      'without 1 unpriced call and 1 call without usage',
    );
  });
});

it('tokens name the calls that told none', () => {
  const sums = { calls_without_usage: 3 } as CallTotals;
  expect(missingTokens(sums)).toBe('without 3 calls that told no usage');
  expect(missingTokens({ calls_without_usage: 0 } as CallTotals)).toBeNull();
});
