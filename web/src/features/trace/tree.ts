import type { Span } from '@/api/schemas';
import { kStatusError } from '@/api/span';

// The spans of a trace in the order in which the waterfall shows them: parents before children,
// siblings by start. Flat arrays over positions in that order, since a trace can have 100,000
// spans and every scroll asks for some of them. Building takes time linear in the spans (plus a
// sort, if they did not arrive sorted).
export interface TraceTree {
  count: number;
  spans: readonly Span[];
  // Position of the parent, or -1.
  parent: Int32Array;
  depth: Int32Array;
  // Spans below and including this one: the next sibling is at position + size.
  size: Int32Array;
  // Nanoseconds after `origin`; exact up to 104 days.
  start: Float64Array;
  end: Float64Array;
  // Time in which no child runs.
  self: Float64Array;
  flags: Uint8Array;
  origin: bigint;
  length: number;
  depth_max: number;
  // The first position of each span id.
  position: ReadonlyMap<string, number>;
}

// The span names a parent that is not among the spans.
export const kOrphan = 1;
// The span is its own ancestor; it is shown as a root.
export const kCycle = 2;
export const kError = 4;
export const kErrorBelow = 8;
// A span with the same id stands before it.
export const kDuplicate = 16;

const kNone = -1;

export function buildTree(given: readonly Span[]): TraceTree {
  const spans = sortedByStart(given);
  const links = linkParents(spans);
  const order = preorder(spans.length, links);
  return layOut(spans, links, order);
}

function sortedByStart(spans: readonly Span[]): readonly Span[] {
  for (let i = 1; i < spans.length; i++) {
    if (spans[i]!.startTimeUnixNano < spans[i - 1]!.startTimeUnixNano) {
      return [...spans].sort((a, b) =>
        a.startTimeUnixNano < b.startTimeUnixNano ? -1 : a.startTimeUnixNano > b.startTimeUnixNano ? 1 : 0,
      );
    }
  }
  return spans;
}

interface Links {
  // All by index in the sorted spans.
  parent: Int32Array;
  first_child: Int32Array;
  next_sibling: Int32Array;
  flags: Uint8Array;
}

function linkParents(spans: readonly Span[]): Links {
  const count = spans.length;
  const flags = new Uint8Array(count);
  const by_id = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const id = spans[i]!.spanId;
    if (by_id.has(id)) flags[i]! |= kDuplicate;
    else by_id.set(id, i);
  }
  const parent = new Int32Array(count).fill(kNone);
  const first_child = new Int32Array(count).fill(kNone);
  const next_sibling = new Int32Array(count).fill(kNone);
  // From the last to the first, so that each list of children begins with the earliest.
  for (let i = count - 1; i >= 0; i--) {
    const span = spans[i]!;
    if (span.status.code === kStatusError) flags[i]! |= kError;
    if (span.parentSpanId === '') continue;
    const above = by_id.get(span.parentSpanId);
    if (above === undefined) {
      flags[i]! |= kOrphan;
    } else if (above === i) {
      flags[i]! |= kCycle;
    } else {
      parent[i] = above;
      next_sibling[i] = first_child[above]!;
      first_child[above] = i;
    }
  }
  return { parent, first_child, next_sibling, flags };
}

// Indices in display order. Spans that no root reaches hang on a cycle: each cycle is cut at the
// first of its spans that is met.
function preorder(count: number, links: Links): Int32Array {
  const order = new Int32Array(count);
  const seen = new Uint8Array(count);
  let filled = 0;
  const stack: number[] = [];

  function walk(root: number) {
    stack.push(root);
    while (stack.length > 0) {
      const index = stack.pop()!;
      if (seen[index]) continue;
      seen[index] = 1;
      order[filled++] = index;
      const children: number[] = [];
      for (let child = links.first_child[index]!; child !== kNone; child = links.next_sibling[child]!) {
        children.push(child);
      }
      for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]!);
    }
  }

  for (let i = 0; i < count; i++) if (links.parent[i] === kNone) walk(i);
  for (let i = 0; i < count && filled < count; i++) {
    if (seen[i]) continue;
    const cut = cycleAbove(i, links.parent);
    links.parent[cut] = kNone;
    links.flags[cut]! |= kCycle;
    walk(cut);
  }
  return order;
}

function cycleAbove(from: number, parent: Int32Array): number {
  const path = new Set<number>();
  let at = from;
  while (!path.has(at)) {
    path.add(at);
    at = parent[at]!;
  }
  return at;
}

function layOut(spans: readonly Span[], links: Links, order: Int32Array): TraceTree {
  const count = spans.length;
  const place = new Int32Array(count);
  for (let position = 0; position < count; position++) place[order[position]!] = position;

  const origin = spans[0]?.startTimeUnixNano ?? 0n;
  const tree = {
    count,
    spans: Array.from(order, (index) => spans[index]!),
    parent: new Int32Array(count),
    depth: new Int32Array(count),
    size: new Int32Array(count).fill(1),
    start: new Float64Array(count),
    end: new Float64Array(count),
    self: new Float64Array(count),
    flags: new Uint8Array(count),
    origin,
    length: 1,
    depth_max: 0,
    position: new Map<string, number>(),
  };
  for (let position = 0; position < count; position++) {
    const index = order[position]!;
    const span = spans[index]!;
    const above = links.parent[index]!;
    tree.parent[position] = above === kNone ? kNone : place[above]!;
    tree.depth[position] = above === kNone ? 0 : tree.depth[place[above]!]! + 1;
    tree.flags[position] = links.flags[index]!;
    tree.start[position] = Number(span.startTimeUnixNano - origin);
    // A clock that was set back must not make a bar of negative width.
    tree.end[position] = Math.max(Number(span.endTimeUnixNano - origin), tree.start[position]!);
    tree.length = Math.max(tree.length, tree.end[position]!);
    tree.depth_max = Math.max(tree.depth_max, tree.depth[position]!);
    if (!tree.position.has(span.spanId)) tree.position.set(span.spanId, position);
  }
  for (let position = count - 1; position >= 0; position--) {
    const above = tree.parent[position]!;
    if (above === kNone) continue;
    tree.size[above]! += tree.size[position]!;
    if (tree.flags[position]! & (kError | kErrorBelow)) tree.flags[above]! |= kErrorBelow;
  }
  for (let position = 0; position < count; position++) tree.self[position] = selfTime(tree, position);
  return tree;
}

// Where a failure began: a failed span without a failed one below it.
export function isOrigin(tree: TraceTree, position: number): boolean {
  return (tree.flags[position]! & (kError | kErrorBelow)) === kError;
}

// Positions of the children, in order of their start.
export function* childrenOf(tree: TraceTree, position: number): Generator<number> {
  const past = position + tree.size[position]!;
  for (let child = position + 1; child < past; child += tree.size[child]!) yield child;
}

function selfTime(tree: TraceTree, position: number): number {
  const from = tree.start[position]!;
  const to = tree.end[position]!;
  const past = position + tree.size[position]!;
  let covered = 0;
  let reached = from;
  for (let child = position + 1; child < past; child += tree.size[child]!) {
    const begin = Math.max(tree.start[child]!, reached);
    const finish = Math.min(tree.end[child]!, to);
    if (finish > begin) {
      covered += finish - begin;
      reached = finish;
    }
  }
  return to - from - covered;
}

// The stretches in which no child runs, as fractions of the span. Stretches shorter than
// `least` (a pixel, say) are left out, so that a span with 100,000 children stays cheap to draw.
export function selfStretches(tree: TraceTree, position: number, least: number): [number, number][] {
  const from = tree.start[position]!;
  const length = tree.end[position]! - from;
  if (length <= 0) return [];
  const found: [number, number][] = [];
  let reached = 0;
  const add = (to: number) => {
    if (to - reached >= least) found.push([reached, to]);
  };
  const past = position + tree.size[position]!;
  for (let child = position + 1; child < past && reached < 1; child += tree.size[child]!) {
    const begin = Math.min((tree.start[child]! - from) / length, 1);
    const finish = Math.min((tree.end[child]! - from) / length, 1);
    if (begin > reached) add(begin);
    reached = Math.max(reached, finish);
  }
  if (reached < 1) add(1);
  return found;
}

// Positions to show while the spans with these ids are collapsed.
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<string>): Int32Array {
  const rows = new Int32Array(tree.count);
  let filled = 0;
  for (let position = 0; position < tree.count; ) {
    rows[filled++] = position;
    const folded =
      collapsed.size > 0 && tree.size[position]! > 1 && collapsed.has(tree.spans[position]!.spanId);
    position += folded ? tree.size[position]! : 1;
  }
  return rows.subarray(0, filled);
}

// Where in `rows` the position stands; rows ascend. -1 if a collapsed span hides it.
export function rowOf(rows: Int32Array, position: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = rows[middle]!;
    if (at === position) return middle;
    if (at < position) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

// The collapsed set without the ancestors of `position`: it can then be seen.
export function withOpenPath(
  tree: TraceTree,
  collapsed: ReadonlySet<string>,
  position: number,
): ReadonlySet<string> {
  let next: Set<string> | null = null;
  for (let above = tree.parent[position]!; above !== kNone; above = tree.parent[above]!) {
    const id = tree.spans[above]!.spanId;
    if (!collapsed.has(id)) continue;
    next ??= new Set(collapsed);
    next.delete(id);
  }
  return next ?? collapsed;
}
