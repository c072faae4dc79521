import { describe, expect, it } from 'vitest';
import { formatSearchRecord, parseSearchRecord } from '@/base/search_params';
import { hasFilters, parseCallsSearch, toQuestion, withChange, withoutFilters } from './url_state';

const read = (text: string) => parseCallsSearch(parseSearchRecord(text));

describe('the URL of the calls', () => {
  it('comes back as it was written', () => {
    const text =
      '?service=web&model=gpt-4o&user=ann&kind=llm&status=error&cost_status=unpriced&sort=cost&range=7d';
    expect(formatSearchRecord({ ...read(text) })).toBe(text);
  });

  it('drops what it does not understand and shows the rest', () => {
    expect(
      read('?service=web&kind=dance&status=unset&cost_status=dear&sort=name&trace_id=xyz&range=ever'),
    ).toEqual({ service: 'web' });
  });

  it('writes no default', () => {
    expect(read('?sort=start&range=24h')).toEqual({});
  });
});

it('order and times are no filters, and stay when the filters go', () => {
  expect(hasFilters({ sort: 'cost', range: '1h' })).toBe(false);
  expect(hasFilters({ user: 'ann' })).toBe(true);
  expect(withoutFilters({ user: 'ann', sort: 'cost', range: '1h' })).toEqual({ sort: 'cost', range: '1h' });
});

it('an undefined field is taken away', () => {
  expect(withChange({ model: 'm', kind: 'llm' }, { kind: undefined })).toEqual({ model: 'm' });
});

it('asks for the last day, newest first, and for the whole of a trace', () => {
  expect(toQuestion({})).toEqual({ sort: 'start', last_ms: 86_400_000 });
  expect(toQuestion({ trace_id: 'ab' })).toEqual({ trace_id: 'ab', sort: 'start', last_ms: undefined });
});
