import { expect, it } from 'vitest';
import { axisText } from './amounts';

it.each([
  [
    [0, 0.0002, 0.0004],
    ['$0', '$0.0002', '$0.0004'],
  ],
  [
    [0, 0.25, 0.5],
    ['$0', '$0.25', '$0.50'],
  ],
  [
    [0, 0.1, 0.2],
    ['$0', '$0.1', '$0.2'],
  ],
  [
    [0, 5, 10],
    ['$0', '$5', '$10'],
  ],
  [
    [0, 2_000, 4_000],
    ['$0', '$2.0k', '$4.0k'],
  ],
])('labels at %j read %j', (values, texts) => {
  expect(values.map((value) => axisText(value, values[1]!, 'cost'))).toEqual(texts);
});

it('half a call has no label', () => {
  expect([0, 0.5, 1].map((value) => axisText(value, 0.5, 'calls'))).toEqual(['0', '', '1']);
});
