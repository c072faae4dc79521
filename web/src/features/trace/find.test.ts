import { expect, it } from 'vitest';
import { findSpans } from './find';
import { spansOf } from './fixtures';
import { buildTree } from './tree';

const [first, second] = spansOf(`
  a     [0..100]
  b < a [10..40]
`);
const kAttributes = [
  { key: 'gen_ai.request.model', value: { stringValue: 'Mini' } },
  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'deep (inside)' }] } } },
];
const tree = buildTree([first!, { ...second!, attributes: kAttributes }]);
const found = (text: string) => [...findSpans(tree, text)];

it('looks into names, keys and values, whatever the case', () => {
  expect(found('SPAN A')).toEqual([0]);
  expect(found('request.model')).toEqual([1]);
  expect(found('mini')).toEqual([1]);
  expect(found('deep (inside)')).toEqual([1]);
  expect(found('web')).toEqual([0, 1]);
});

it('takes the text as it is, not as a pattern', () => {
  expect(found('.*')).toEqual([]);
});

it('does not find the words of the protocol', () => {
  expect(found('stringValue')).toEqual([]);
});

it('finds nothing for nothing', () => {
  expect(found('  ')).toEqual([]);
});
