import { describe, expect, it } from 'vitest';
import { formatAge, formatClock, formatExact, formatRfc3339, kSecond, parseInstant } from './time';

const kNoon = 1_764_072_000_000_000_000n; // 2025-11-25T12:00:00Z

describe('parseInstant', () => {
  it('reads RFC 3339 to the last of nine digits', () => {
    expect(parseInstant('2025-11-25T12:00:00.125000417Z')).toBe(kNoon + 125_000_417n);
  });

  it('honours the zone', () => {
    expect(parseInstant('2025-11-25T13:30:00+01:30')).toBe(kNoon);
  });

  it('reads unix nanoseconds beyond 2^53 exactly', () => {
    expect(parseInstant('1764072000000000001')).toBe(kNoon + 1n);
  });

  it.each(['', 'yesterday', '2025-13-01T00:00:00Z', '12:00'])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('reads back what formatRfc3339 writes', () => {
    expect(parseInstant(formatRfc3339(kNoon))).toBe(kNoon);
  });
});

describe('formatting an instant', () => {
  it('keeps nine digits where all are asked for', () => {
    expect(formatExact(kNoon + 417n)).toMatch(/:00\.000000417 [+-]\d\d:\d\d$/);
  });

  it('cuts a clock to milliseconds and does not round up into the next second', () => {
    expect(formatClock(kNoon + 999_999_999n)).toMatch(/:00\.999$/);
  });

  it('holds before 1970 too', () => {
    expect(formatClock(-1n)).toMatch(/:59\.999$/);
  });

  it.each([
    [0n, 'just now'],
    [12n, '12 s ago'],
    [180n, '3 min ago'],
    [7_200n, '2 h ago'],
    [345_600n, '4 d ago'],
    [-60n, 'in the future'],
  ])('says %i s ago as %j', (seconds, text) => {
    expect(formatAge(kNoon - seconds * kSecond, kNoon)).toBe(text);
  });
});
