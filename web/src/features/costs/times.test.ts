import { expect, it } from 'vitest';
import { kSecond, parseInstant } from '@/base/time';
import { barStarts, stepFor, timesOf } from './times';

const kNow = parseInstant('2025-11-25T12:34:56Z')!;

it.each([
  ['5m', 5n, 61],
  ['1h', 60n, 61],
  ['24h', 1_800n, 49],
  ['7d', 10_800n, 57],
  ['30d', 43_200n, 61],
] as const)('%s has steps of %i s and %i bars', (range, seconds, bars) => {
  const times = timesOf({ range }, kNow);
  expect(times.step).toBe(seconds * kSecond);
  expect(barStarts(times)).toHaveLength(bars);
});

it('a range of years still has few bars', () => {
  const year = 365n * 86_400n * kSecond;
  expect(Number((5n * year) / stepFor(5n * year))).toBeLessThan(63);
});

it('the first bar holds the start and the last the end', () => {
  const times = timesOf({ range: '1h' }, kNow);
  const starts = barStarts(times);
  expect(starts[0]).toBe(parseInstant('2025-11-25T11:34:00Z'));
  expect(starts.at(-1)).toBe(parseInstant('2025-11-25T12:34:00Z'));
});

it('an end alone asks for the day before it', () => {
  const times = timesOf({ end: '2025-11-20T00:00:00Z' }, kNow);
  expect(times.start).toBe(parseInstant('2025-11-19T00:00:00Z'));
});

it('ends that are the wrong way round are still a range', () => {
  const times = timesOf({ start: '2025-11-21T00:00:00Z', end: '2025-11-20T00:00:00Z' }, kNow);
  expect(times.start).toBeLessThan(times.end);
});
