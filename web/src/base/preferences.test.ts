import { expect, it } from 'vitest';
import { readPreferences } from './preferences';

it('a damaged copy gives the defaults', () => {
  const defaults = readPreferences(null);
  expect(readPreferences('{not json')).toEqual(defaults);
  expect(readPreferences('[]')).toEqual(defaults);
  expect(readPreferences('{"theme":"pink","detail_width":-4,"closed_sections":7}')).toEqual(defaults);
});

it('one value of the wrong type leaves the others standing', () => {
  expect(readPreferences('{"theme":"dark","detail_width":"wide"}').theme).toBe('dark');
});
