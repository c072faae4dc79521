import { describe, expect, it } from 'vitest';
import { spansOf } from './fixtures';
import {
  buildTree,
  isOrigin,
  kCycle,
  kDuplicate,
  kErrorBelow,
  kOrphan,
  rowOf,
  selfStretches,
  type TraceTree,
  visibleRows,
  withOpenPath,
} from './tree';

// The tree as text: two spaces a level.
function draw(tree: TraceTree): string[] {
  return tree.spans.map((span, position) => '  '.repeat(tree.depth[position]!) + span.spanId);
}

const at = (tree: TraceTree, id: string) => tree.position.get(id)!;

describe('buildTree', () => {
  it('puts parents before children and siblings by their start, whatever the order of arrival', () => {
    const tree = buildTree(
      spansOf(`
        d < b [12..20]
        c < a [50..90]
        b < a [10..40]
        a     [0..100]
      `),
    );
    expect(draw(tree)).toEqual(['a', '  b', '    d', '  c']);
    expect([...tree.size]).toEqual([4, 2, 1, 1]);
  });

  it('shows a span whose parent did not arrive at the top, marked', () => {
    const tree = buildTree(
      spansOf(`
        a        [0..100]
        b < gone [10..40]
        c < b    [20..30]
      `),
    );
    expect(draw(tree)).toEqual(['a', 'b', '  c']);
    expect(tree.flags[at(tree, 'b')]! & kOrphan).toBe(kOrphan);
    expect(tree.flags[at(tree, 'c')]! & kOrphan).toBe(0);
  });

  it('cuts a circle once and loses no span of it', () => {
    const tree = buildTree(
      spansOf(`
        a     [0..100]
        b < d [10..40]
        c < b [20..30]
        d < c [25..28]
        e < d [26..27]
      `),
    );
    expect(tree.spans.map((span) => span.spanId).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect([...tree.flags].filter((flags) => flags & kCycle)).toHaveLength(1);
    expect(tree.depth_max).toBe(3);
  });

  it('shows a span that is its own parent as a root', () => {
    const tree = buildTree(spansOf('a < a [0..10]'));
    expect(draw(tree)).toEqual(['a']);
    expect(tree.flags[0]! & kCycle).toBe(kCycle);
  });

  it('keeps both of two spans with one id; children belong to the first', () => {
    const tree = buildTree(
      spansOf(`
        a     [0..100]
        b < a [10..20]
        b < a [30..40]
        c < b [12..14]
      `),
    );
    expect(draw(tree)).toEqual(['a', '  b', '    c', '  b']);
    expect(tree.flags[3]! & kDuplicate).toBe(kDuplicate);
  });

  it('takes a clock that ran backwards for a span of no length', () => {
    const tree = buildTree(spansOf('a [50..20]'));
    expect([tree.start[0], tree.end[0], tree.length]).toEqual([0, 0, 1]);
  });

  it('marks where a failure began apart from where it passed through', () => {
    const tree = buildTree(
      spansOf(`
        a     [0..100] !
        b < a [10..40]
        c < b [20..30] !
      `),
    );
    expect(['a', 'b', 'c'].map((id) => isOrigin(tree, at(tree, id)))).toEqual([false, false, true]);
    expect(tree.flags[at(tree, 'b')]! & kErrorBelow).toBe(kErrorBelow);
  });

  it('stands an empty trace', () => {
    expect(buildTree([]).count).toBe(0);
  });

  it('stands a chain of 100,000 spans', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) =>
      i === 0 ? 's0 [0..9]' : `s${i} < s${i - 1} [0..9]`,
    );
    const tree = buildTree(spansOf(chain.join('\n')));
    expect(tree.depth_max).toBe(99_999);
    expect(tree.size[0]).toBe(100_000);
  });
});

describe('self time', () => {
  // a |----------------------------|  0..100
  // b    |------|                     10..40
  // c         |-------|               30..60   overlaps b
  // d                       |--------- 90..130  outlives a
  const tree = buildTree(
    spansOf(`
      a     [0..100]
      b < a [10..40]
      c < a [30..60]
      d < a [90..130]
    `),
  );

  it('is what no child covers, counted once where children overlap', () => {
    expect(tree.self[0]).toBe(40);
  });

  it('is told as stretches of the bar', () => {
    expect(selfStretches(tree, 0, 0)).toEqual([
      [0, 0.1],
      [0.6, 0.9],
    ]);
  });

  it('leaves out stretches that are too short to see', () => {
    expect(selfStretches(tree, 0, 0.2)).toEqual([[0.6, 0.9]]);
  });
});

describe('visible rows', () => {
  const tree = buildTree(
    spansOf(`
      a     [0..100]
      b < a [10..40]
      c < b [20..30]
      d < a [50..60]
    `),
  );

  it('skip what stands below a collapsed span', () => {
    const rows = visibleRows(tree, new Set(['b']));
    expect([...rows].map((position) => tree.spans[position]?.spanId)).toEqual(['a', 'b', 'd']);
    expect(rowOf(rows, at(tree, 'd'))).toBe(2);
    expect(rowOf(rows, at(tree, 'c'))).toBe(-1);
  });

  it('ignore a collapsed span that has no children', () => {
    expect(visibleRows(tree, new Set(['c'])).length).toBe(4);
  });

  it('open up to a span that must be seen, and no further', () => {
    expect([...withOpenPath(tree, new Set(['a', 'b', 'd']), at(tree, 'b'))]).toEqual(['b', 'd']);
  });
});
