import type { Trace } from '@/api/schemas';
import { formatCount, plural } from '@/base/format';
import { kCycle, type TraceTree } from './tree';

// What is missing from a trace, in sentences. `spans` are ones to look at.
export interface Note {
  text: string;
  spans: string[];
}

export function notesOf(trace: Trace, tree: TraceTree): Note[] {
  const { completeness } = trace;
  const notes: Note[] = [];
  const say = (text: string, spans: string[] = []) => notes.push({ text, spans });
  if (completeness.truncated) {
    say(`Only the first ${plural(tree.count, 'span')} of ${formatCount(trace.span_count)} are shown.`);
  }
  if (completeness.root_missing)
    say('The root span has not arrived: it may still run, or was lost or sampled out.');
  const missing = new Set(completeness.missing_parents);
  if (missing.size > 0) {
    const orphans = tree.spans.filter((span) => missing.has(span.parentSpanId)).map((span) => span.spanId);
    const count = Math.max(orphans.length, 1);
    say(
      `${plural(count, 'span')} ${count === 1 ? 'names a parent' : 'name parents'} that did not arrive ` +
        `(${formatCount(missing.size)} missing); shown at the top level.`,
      orphans,
    );
  }
  const cycles = tree.spans.filter((_span, position) => (tree.flags[position]! & kCycle) !== 0);
  if (cycles.length > 0) {
    say(
      'Some spans are their own ancestors; the circle is cut at one of them.',
      cycles.map((span) => span.spanId),
    );
  }
  if (completeness.duplicate_spans > 0) {
    say(`${plural(completeness.duplicate_spans, 'span id')} arrived more than once.`);
  }
  if (trace.logs_truncated) say(`Only the first ${formatCount(trace.logs.length)} log records are shown.`);
  const dropped = [
    completeness.dropped_attributes > 0 && plural(completeness.dropped_attributes, 'attribute'),
    completeness.dropped_events > 0 && plural(completeness.dropped_events, 'event'),
    completeness.dropped_links > 0 && plural(completeness.dropped_links, 'link'),
  ].filter((part) => part !== false);
  if (completeness.missing_content > 0) {
    say(`${plural(completeness.missing_content, 'piece')} of large values are no longer in the store.`);
  }
  if (dropped.length > 0) say(`The sender dropped ${dropped.join(', ')} before sending.`);
  return notes;
}
