import { expect, test } from 'vitest';
import type { Log, Trace } from '@/api/schemas';
import { spansOf } from './fixtures';
import { logsOf } from './logs_of';
import { buildTree } from './tree';

const log = (spanId: string): Log => ({
  time_unix_nano: 1n,
  spanId,
  severityNumber: 9,
  severityText: '',
  eventName: '',
  body: { stringValue: spanId },
  attributes: [],
  droppedAttributesCount: 0,
  service: 'web',
});

test('a record stands at its span, one without a span that arrived at the first', () => {
  const spans = spansOf('a [0..100]\nb < a [10..40]');
  const tree = buildTree(spans);
  const trace = { spans, logs: [log('b'), log(''), log('lost'), log('a')] } as unknown as Trace;
  const ids = (span: string) => logsOf(trace, tree, tree.position.get(span)!).map((each) => each.spanId);
  expect(ids('a')).toEqual(['', 'lost', 'a']);
  expect(ids('b')).toEqual(['b']);
});
