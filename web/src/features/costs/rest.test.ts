import { expect, it } from 'vitest';
import { sumOf } from './fixtures';
import { orderValue, restOf } from './rest';

it('the rest is what the whole has beyond the rows', () => {
  const rows = [sumOf({ user: 'a' }, { cost: 2, calls: 3 }), sumOf({ user: 'b' }, { calls: 1 })];
  expect(restOf(sumOf({}, { cost: 5, calls: 10 }), rows)).toEqual({ calls: 6, cost: 3 });
});

it('a row without a cost is sorted as none', () => {
  expect(orderValue(sumOf({}, { unpriced: 1 }), 'cost')).toBe(0);
  expect(orderValue(sumOf({}, { tokens: 7 }), 'tokens')).toBe(7);
});
