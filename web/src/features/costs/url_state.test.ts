import { expect, it } from 'vitest';
import { formatSearchRecord, parseSearchRecord } from '@/base/search_params';
import { parseCostsSearch, withChange } from './url_state';

const read = (text: string) => parseCostsSearch(parseSearchRecord(text));

it('the URL of the page comes back as it was written', () => {
  const text = '?service=web&by=user&sort=tokens&chart=calls&range=7d';
  expect(formatSearchRecord({ ...read(text) })).toBe(text);
});

it('what is not understood is dropped, and no default is written', () => {
  expect(read('?by=colour&sort=size&chart=pie&range=24h')).toEqual({});
  expect(read('?by=model&sort=cost&chart=cost')).toEqual({});
  expect(read('?by=toString')).toEqual({});
});

it('an undefined field is taken away', () => {
  expect(withChange({ service: 'web', by: 'user' }, { service: undefined })).toEqual({ by: 'user' });
});
