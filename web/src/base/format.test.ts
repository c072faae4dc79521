import { expect, test } from 'vitest';
import { formatDollars, formatDollarsShort, formatShare } from './format';

test('an amount keeps two digits that say something, however small', () => {
  expect([0, 0.000000123, 0.00475, 0.1, 1.5, 1234.567].map(formatDollars)).toEqual([
    '$0',
    '$0.00000012',
    '$0.0047',
    '$0.10',
    '$1.50',
    '$1,234.57',
  ]);
});

test('a column has no room for less than a millionth of a dollar', () => {
  expect([0, 0.00000022, 0.0000011].map(formatDollarsShort)).toEqual(['$0', '<$0.000001', '$0.0000011']);
});

test('a share is neither nothing nor all unless it is', () => {
  expect([0, 1, 30, 370, 99_999, 100_000].map((part) => formatShare(part, 100_000))).toEqual([
    '0 %',
    '<0.1 %',
    '<0.1 %',
    '0.4 %',
    '99 %',
    '100 %',
  ]);
  expect(formatShare(0, 0)).toBe('0 %');
});
