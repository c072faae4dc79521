import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { findSpans } from './find';
import { kError, rowOf, type TraceTree, visibleRows, withOpenPath } from './tree';
import { type TimeView, type TraceSearch, viewOf, withChange } from './url_state';

type Change = Parameters<typeof withChange>[1];

// Everything the trace page shows, derived from the tree and the URL. Only what is collapsed
// and where the keys last were live outside of the URL.
export function useTraceView(tree: TraceTree, search: TraceSearch, onSearch: (search: TraceSearch) => void) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const cursor = useRef(0);
  const selected = search.span === undefined ? -1 : (tree.position.get(search.span) ?? -1);
  if (selected >= 0) cursor.current = selected;

  const asked = useDeferredValue(search.find ?? '');
  const found = useMemo(() => findSpans(tree, asked), [tree, asked]);
  const found_set = useMemo(() => new Set(found), [found]);
  // A selection that a link or a search made is never hidden under a collapsed span.
  const open = useMemo(
    () => (selected < 0 ? collapsed : withOpenPath(tree, collapsed, selected)),
    [tree, collapsed, selected],
  );
  const rows = useMemo(() => visibleRows(tree, open), [tree, open]);
  const view = useMemo(() => viewOf(search, tree.length), [search, tree]);

  const latest = useRef({ search, onSearch, tree });
  latest.current = { search, onSearch, tree };
  const change = useCallback(
    (part: Change) => latest.current.onSearch(withChange(latest.current.search, part)),
    [],
  );
  const select = useCallback(
    (position: number) => change({ span: latest.current.tree.spans[position]?.spanId }),
    [change],
  );
  const selectId = useCallback((span: string) => change({ span }), [change]);

  const toggle = useCallback((position: number) => {
    const id = latest.current.tree.spans[position]!.spanId;
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  function fold(position: number, folded: boolean) {
    if (tree.size[position]! > 1 && open.has(tree.spans[position]!.spanId) !== folded) toggle(position);
  }

  function foldAll(folded: boolean) {
    const parents = tree.spans.filter(
      (_span, position) => tree.size[position]! > 1 && tree.parent[position]! >= 0,
    );
    change({ span: undefined });
    setCollapsed(new Set(folded ? parents.map((span) => span.spanId) : []));
  }

  function move(step: number) {
    const row = rowOf(rows, cursor.current);
    const next = selected < 0 && row >= 0 ? row : row + step;
    select(rows[Math.min(Math.max(next, 0), rows.length - 1)]!);
  }

  // The next position for which `wanted` holds, going round at the ends.
  function seek(step: 1 | -1, wanted: (position: number) => boolean) {
    const from = selected < 0 ? (step > 0 ? -1 : tree.count) : selected;
    for (let i = 1; i <= tree.count; i++) {
      const position = (((from + step * i) % tree.count) + tree.count) % tree.count;
      if (wanted(position)) {
        select(position);
        return;
      }
    }
  }

  function zoom(next: TimeView | null) {
    if (next === null) change({ from: undefined, to: undefined });
    else change({ from: String(Math.max(Math.floor(next.from), 0)), to: String(Math.ceil(next.to)) });
  }

  function zoomToSelected() {
    if (selected < 0) return;
    const from = tree.start[selected]!;
    const to = tree.end[selected]!;
    const margin = Math.max((to - from) * 0.05, tree.length / 100_000, 1);
    zoom({ from: Math.max(from - margin, 0), to: Math.min(to + margin, tree.length) });
  }

  // Left folds, or goes to the parent of what is folded or has no children; right unfolds, or
  // goes to the first child.
  function left() {
    if (selected < 0) return;
    if (tree.size[selected]! > 1 && !open.has(tree.spans[selected]!.spanId)) fold(selected, true);
    else if (tree.parent[selected]! >= 0) select(tree.parent[selected]!);
  }

  function right() {
    if (selected < 0 || tree.size[selected]! === 1) return;
    if (open.has(tree.spans[selected]!.spanId)) fold(selected, false);
    else select(selected + 1);
  }

  return {
    selected,
    rows,
    view,
    collapsed: open,
    folded: collapsed.size > 0,
    find: search.find ?? '',
    found,
    found_set,
    select,
    selectId,
    close: () => change({ span: undefined }),
    setFind: (find: string) => change({ find: find === '' ? undefined : find }),
    toggle,
    foldAll,
    move,
    left,
    right,
    zoom,
    zoomToSelected,
    nextError: () => seek(1, (position) => (tree.flags[position]! & kError) !== 0),
    nextFound: (step: 1 | -1) => found.length > 0 && seek(step, (position) => found_set.has(position)),
    edge: (last: boolean) => select(rows[last ? rows.length - 1 : 0]!),
  };
}
