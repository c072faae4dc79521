import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration';

describe('formatDuration', () => {
  it.each([
    [0n, '0 ns'],
    [850n, '850 ns'],
    [45_300n, '45.3 µs'],
    [312_000_000n, '312 ms'],
    [1_240_000_000n, '1.24 s'],
    [59_940_000_000n, '59.9 s'],
    [123_000_000_000n, '2 min 03 s'],
    [60_000_000_000n, '1 min'],
    [4_800_000_000_000n, '1 h 20 min'],
    [-2_500_000n, '−2.50 ms'],
  ])('writes %i ns as %j', (nanos, text) => {
    expect(formatDuration(nanos)).toBe(text);
  });

  it.each([
    [999_600n, '1.00 ms'],
    [999_600_000n, '1.00 s'],
    [59_960_000_000n, '1 min'],
    [3_599_600_000_000n, '1 h'],
  ])('moves on to the next unit where rounding reaches it: %i ns is %j', (nanos, text) => {
    expect(formatDuration(nanos)).toBe(text);
  });
});

describe('parseDuration', () => {
  it.each([
    ['1.5s', 1_500_000_000n],
    ['100ms', 100_000_000n],
    ['2us', 2_000n],
    ['2µs', 2_000n],
    ['1m30s', 90_000_000_000n],
    ['.5h', 1_800_000_000_000n],
    ['250', 250n],
    [' 3 ms ', 3_000_000n],
  ])('reads %j', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  it('has no float in between', () => {
    expect(parseDuration('0.1s')).toBe(100_000_000n);
    expect(parseDuration('9007199254.740993s')).toBe(9_007_199_254_740_993_000n);
  });

  it.each(['', 'fast', '1.5', '1s later', '-1s', '1.s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
