import { expect, it } from 'vitest';
import { parseTraceSearch, viewOf, withChange } from './url_state';

it('a span id is read in any case and padded', () => {
  expect(parseTraceSearch({ span: 'AB12' })).toEqual({ span: '000000000000ab12' });
  expect(parseTraceSearch({ span: 'not hex' })).toEqual({});
});

it('a part of the time axis needs both ends in order', () => {
  expect(parseTraceSearch({ from: '10', to: '20' })).toEqual({ from: '10', to: '20' });
  expect(parseTraceSearch({ from: '20', to: '10' })).toEqual({});
  expect(parseTraceSearch({ from: '20' })).toEqual({});
});

it('a view never leaves the trace', () => {
  expect(viewOf({ from: '10', to: '900' }, 100)).toEqual({ from: 10, to: 100 });
  expect(viewOf({ from: '200', to: '900' }, 100)).toEqual({ from: 0, to: 100 });
  expect(viewOf({}, 100)).toEqual({ from: 0, to: 100 });
});

it('closing the span keeps the search', () => {
  expect(withChange({ span: 'a'.repeat(16), find: 'x' }, { span: undefined })).toEqual({ find: 'x' });
});
