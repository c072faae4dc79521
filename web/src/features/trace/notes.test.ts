import { expect, it } from 'vitest';
import type { Trace } from '@/api/schemas';
import { spansOf } from './fixtures';
import { notesOf } from './notes';
import { buildTree } from './tree';

const kWhole: Trace['completeness'] = {
  complete: true,
  root_missing: false,
  missing_parents: [],
  duplicate_spans: 0,
  dropped_attributes: 0,
  dropped_events: 0,
  dropped_links: 0,
  missing_content: 0,
  truncated: false,
};

function notes(completeness: Partial<Trace['completeness']>, picture: string) {
  const spans = spansOf(picture);
  const trace = { span_count: 9, completeness: { ...kWhole, ...completeness } } as Trace;
  return notesOf(trace, buildTree(spans));
}

it('a whole trace has none', () => {
  expect(notes({}, 'a [0..10]')).toEqual([]);
});

it('orphans are counted and can be gone to', () => {
  const [note] = notes({ missing_parents: ['x'] }, 'a [0..10]\nb < x [1..2]\nc < x [3..4]');
  expect(note?.text).toContain('2 spans name parents that did not arrive (1 missing)');
  expect(note?.spans).toEqual(['b', 'c']);
});

it('what the sender dropped is told in one sentence', () => {
  const [note] = notes({ dropped_attributes: 1, dropped_links: 2 }, 'a [0..10]');
  expect(note?.text).toBe('The sender dropped 1 attribute, 2 links before sending.');
});

it('content that retention took is told', () => {
  expect(notes({ missing_content: 2 }, 'a [0..10]')[0]?.text).toBe(
    '2 pieces of large values are no longer in the store.',
  );
});

it('a cut trace says how much is shown', () => {
  expect(notes({ truncated: true }, 'a [0..10]')[0]?.text).toBe('Only the first 1 span of 9 are shown.');
});
