import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import styles from './row_list.module.css';

interface RowListProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  row_height: number;
  // The marked row. When the keys move it, it comes into view and takes the focus.
  active: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  more: boolean;
  loading_more: boolean;
  onMore: () => void;
  onHover: (key: string | null) => void;
  // Where the list was when the reader left it.
  offset: number;
  // A row: one link or button that fills it.
  children: (item: T) => ReactNode;
}

const kOverscan = 10;
const kMoreBefore = 30;
const kEndSaidFrom = 20;

// A long list of equal rows, of which only those in view exist; near its end it asks for more.
export function RowList<T>(props: RowListProps<T>) {
  const { items, keyOf, row_height, active, scroller, more, loading_more, onMore, onHover, offset } = props;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => row_height,
    overscan: kOverscan,
    initialOffset: offset,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });

  useLayoutEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = offset;
  }, [scroller, offset]);

  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loading_more && last >= items.length - kMoreBefore) onMore();
  }, [more, loading_more, last, items.length, onMore]);

  // With the focus on it a screen reader reads the row that the keys moved to.
  const place = useMemo(() => items.findIndex((item) => keyOf(item) === active), [items, keyOf, active]);
  const moved = useRef(active);
  useEffect(() => {
    if (place < 0 || moved.current === active) return;
    moved.current = active;
    rows.scrollToIndex(place, { align: 'auto' });
    requestAnimationFrame(() => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(active ?? '')}"]`);
      row?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
    });
  }, [place, active, rows, scroller]);

  return (
    <>
      <ul
        className={styles.rows}
        style={{ height: rows.getTotalSize() }}
        aria-label={props.label}
        onPointerOver={(event) => {
          const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
          onHover(row?.dataset['row'] ?? null);
        }}
        onPointerLeave={() => onHover(null)}
      >
        {shown.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <li
              key={row.key}
              data-row={row.key}
              className={styles.row}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {props.children(item)}
            </li>
          );
        })}
      </ul>
      {loading_more && <p className={styles.end}>Loading more…</p>}
      {!more && items.length > kEndSaidFrom && <p className={styles.end}>That is all in this time range.</p>}
    </>
  );
}
