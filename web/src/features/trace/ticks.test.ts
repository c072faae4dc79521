import { expect, it } from 'vitest';
import { ticksOf } from './ticks';

it('steps by 1, 2 or 5', () => {
  expect(ticksOf(0, 100, 0.15)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(ticksOf(0, 6_110, 0.15)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
});

it('starts within the view', () => {
  expect(ticksOf(130, 290, 0.3)).toEqual([150, 200, 250]);
});

it('has none for a view without length', () => {
  expect(ticksOf(5, 5, 0.1)).toEqual([]);
});
