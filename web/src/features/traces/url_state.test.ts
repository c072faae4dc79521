import { describe, expect, it } from 'vitest';
import { formatSearchRecord, parseSearchRecord } from '@/base/search_params';
import { hasFilters, isLive, parseTraceListSearch, toQuestion, withChange } from './url_state';

const read = (text: string) => parseTraceListSearch(parseSearchRecord(text));

describe('the URL of the list', () => {
  it('comes back as it was written', () => {
    const text =
      '?service=web&operation=GET+/a&status=error&min_duration=1.5s&attribute=k%3Dv&attribute=only&range=7d&live=off';
    expect(formatSearchRecord({ ...read(text) })).toBe(text);
  });

  it('drops what it does not understand and shows the rest', () => {
    expect(read('?service=web&status=purple&min_duration=fast&range=forever&start=soon&utm=1')).toEqual({
      service: 'web',
    });
  });

  it('writes no default', () => {
    expect(read('?range=24h')).toEqual({});
  });

  it('prefers fixed ends to a range', () => {
    expect(read('?range=1h&start=2025-11-25T12:00:00Z')).toEqual({ start: '2025-11-25T12:00:00Z' });
  });

  it('names the same attribute once', () => {
    expect(read('?attribute=a=1&attribute=a=1').attribute).toEqual(['a=1']);
  });
});

it('an undefined field is taken away, and an empty list with it', () => {
  expect(withChange({ service: 'web', attribute: ['a'] }, { service: undefined, attribute: [] })).toEqual({});
});

it('times alone are no filter', () => {
  expect(hasFilters({ range: '1h', live: 'off' })).toBe(false);
  expect(hasFilters({ status: 'error' })).toBe(true);
});

it('a list that ends in the past is not live', () => {
  expect(isLive({ end: '2025-11-25T12:00:00Z' })).toBe(false);
  expect(isLive({ start: '2025-11-25T12:00:00Z' })).toBe(true);
});

it('asks for the last day unless told otherwise', () => {
  expect(toQuestion({}).last_ms).toBe(86_400_000);
  expect(toQuestion({ start: '2025-11-25T12:00:00Z' })).toMatchObject({
    last_ms: undefined,
    start: '2025-11-25T12:00:00Z',
  });
});
