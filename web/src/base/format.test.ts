import { expect, test } from 'vitest';
import { formatDollars } from './format';

test('an amount keeps two digits that say something, however small', () => {
  expect([0, 0.000000123, 0.00475, 0.1, 1.5, 1234.567].map(formatDollars)).toEqual([
    '$0',
    '$0.00000012',
    '$0.0047',
    '$0.10',
    '$1.50',
    '$1234.57',
  ]);
});
