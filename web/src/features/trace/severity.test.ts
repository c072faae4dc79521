import { expect, test } from 'vitest';
import { severityOf } from './severity';

test('a number lies in the range that OpenTelemetry gives it', () => {
  expect([0, 1, 4, 5, 9, 13, 17, 20, 21, 24, 25].map(severityOf)).toEqual([
    undefined,
    'trace',
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'error',
    'fatal',
    'fatal',
    undefined,
  ]);
});
