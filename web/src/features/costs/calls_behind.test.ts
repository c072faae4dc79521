import { expect, it } from 'vitest';
import { callsBehind, callsOfRow } from './calls_behind';

it('a row leads to its calls in the same range and of the same service', () => {
  expect(callsOfRow({ service: 'web', range: '7d', by: 'user', sort: 'calls' }, { user: 'ann' })).toEqual({
    service: 'web',
    range: '7d',
    user: 'ann',
    sort: 'cost',
  });
});

it('a row by service names its own', () => {
  expect(callsOfRow({}, { service: 'worker' })).toEqual({ service: 'worker', sort: 'cost' });
});

it('calls that tell nothing cannot be asked for', () => {
  expect(callsOfRow({}, { user: '' })).toBeNull();
  expect(callsOfRow({}, { model: 'm', provider: '' })).toEqual({ model: 'm', sort: 'cost' });
});

it('fixed ends go along', () => {
  expect(callsBehind({ start: '1', end: '2' }, { status: 'error' })).toEqual({
    start: '1',
    end: '2',
    status: 'error',
  });
});
