import type { Span } from '@/api/schemas';

// Spans from a picture, one a line:
//
//   a      [0..100]
//   b < a  [10..40] !
//
// id, its parent after "<", start and end in nanoseconds, "!" for an error.
export function spansOf(picture: string): Span[] {
  return picture
    .trim()
    .split('\n')
    .map((line) => {
      const match = /^\s*(\S+)\s*(?:<\s*(\S+))?\s*\[(-?\d+)\.\.(-?\d+)\]\s*(!?)/.exec(line);
      if (match === null) throw new Error(`not a span: ${line}`);
      const [, id = '', parent = '', start = '0', end = '0', error] = match;
      return {
        traceId: '1',
        spanId: id,
        parentSpanId: parent,
        name: `span ${id}`,
        kind: 1,
        startTimeUnixNano: 1_764_072_000_000_000_000n + BigInt(start),
        endTimeUnixNano: 1_764_072_000_000_000_000n + BigInt(end),
        attributes: [],
        droppedAttributesCount: 0,
        events: undefined,
        droppedEventsCount: 0,
        links: undefined,
        droppedLinksCount: 0,
        status: { code: error === '!' ? 2 : 0, message: '' },
        service: 'web',
        resource: 0,
        scope: 0,
      };
    });
}
