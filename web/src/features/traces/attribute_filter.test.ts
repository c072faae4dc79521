import { expect, it } from 'vitest';
import { suggestionsFor } from './attribute_filter';

const kKeys = ['gen_ai.request.model', 'http.route', 'model'];

it('keys that begin with the text come before keys that hold it', () => {
  expect(suggestionsFor('model', kKeys).map((item) => item.text)).toEqual(['model', 'gen_ai.request.model']);
});

it('a key with a value is a filter', () => {
  expect(suggestionsFor('http.route=/a=b', kKeys)).toEqual([
    { text: 'http.route=/a=b', note: 'add filter', act: 'add' },
  ]);
});

it('a key without a value asks only that it is there', () => {
  expect(suggestionsFor('http.route=', kKeys)[0]).toMatchObject({ text: 'http.route', act: 'add' });
});

it('a trace id opens its trace', () => {
  expect(suggestionsFor('AB'.repeat(16), kKeys)[0]).toMatchObject({ text: 'ab'.repeat(16), act: 'open' });
});
