import { expect, it } from 'vitest';
import { keyAfter } from './list_place';

const kKeys = ['a', 'b', 'c'];

it('the keys begin at the end they come from and stop at the other', () => {
  expect([keyAfter(kKeys, null, 1), keyAfter(kKeys, null, -1)]).toEqual(['a', 'c']);
  expect([keyAfter(kKeys, 'c', 1), keyAfter(kKeys, 'a', -1)]).toEqual(['c', 'a']);
  expect(keyAfter(kKeys, 'gone', 1)).toBe('a');
});

it('an empty list has no next row', () => {
  expect(keyAfter([], null, 1)).toBeUndefined();
});
