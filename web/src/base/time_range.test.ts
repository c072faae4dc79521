import { expect, it } from 'vitest';
import { lastMsOf, parseTimeSearch } from './time_range';

it('fixed ends go before a range, and the default is not written', () => {
  expect(parseTimeSearch({ range: '1h', end: '2025-11-25T12:00:00Z' })).toEqual({
    end: '2025-11-25T12:00:00Z',
  });
  expect(parseTimeSearch({ range: '24h' })).toEqual({});
  expect(parseTimeSearch({ range: 'forever', start: 'soon' })).toEqual({});
});

it('is the last day unless told otherwise', () => {
  expect(lastMsOf({})).toBe(86_400_000);
  expect(lastMsOf({ range: '1h' })).toBe(3_600_000);
  expect(lastMsOf({ start: '2025-11-25T12:00:00Z' })).toBeUndefined();
});
