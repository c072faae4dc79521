import { type RefObject, useEffect, useRef, useState } from 'react';
import { createStore, type Store } from './store';

// Where a reader was in a list, for the way back from what a row opened.
export interface ListPlace {
  // The list that it holds for: its URL as text.
  search: string;
  active: string | null;
  offset: number;
}

export function createListPlace(): Store<ListPlace> {
  return createStore<ListPlace>({ search: '', active: null, offset: 0 });
}

// The marked row of the list that `search` names, and the offset to begin at. Another list starts
// at its top, with nothing marked; onOther hears of it.
export function useListPlace(
  store: Store<ListPlace>,
  search: string,
  scroller: RefObject<HTMLDivElement | null>,
  onOther: () => void,
) {
  const before = useRef(store.get().search === search ? store.get() : null);
  const [active, setActive] = useState(before.current?.active ?? null);
  const listed = useRef(search);
  const other = useRef(onOther);
  other.current = onOther;
  useEffect(() => {
    if (listed.current === search) return;
    listed.current = search;
    before.current = null;
    setActive(null);
    other.current();
    scroller.current?.scrollTo({ top: 0 });
  }, [search, scroller]);

  const latest = useRef({ active, offset: before.current?.offset ?? 0 });
  latest.current.active = active;
  useEffect(() => () => store.set({ search, ...latest.current }), [store, search]);

  return {
    active,
    setActive,
    offset: before.current?.offset ?? 0,
    onScroll: (offset: number) => {
      latest.current.offset = offset;
    },
    // Called before the page goes: the state would come too late.
    leaveAt: (key: string) => {
      latest.current.active = key;
    },
  };
}

// The key `step` rows from `active`; from outside the list its first or last.
export function keyAfter(keys: readonly string[], active: string | null, step: number): string | undefined {
  const index = active === null ? -1 : keys.indexOf(active);
  const next = index < 0 ? (step > 0 ? 0 : keys.length - 1) : index + step;
  return keys[Math.min(Math.max(next, 0), keys.length - 1)];
}
