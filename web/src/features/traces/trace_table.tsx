import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { TraceSummary } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { useNow } from '@/base/hooks';
import { Skeleton } from '@/widgets/skeleton';
import { TraceRow } from './trace_row';
import rowStyles from './trace_row.module.css';
import styles from './trace_table.module.css';

const kRowHeight = 38;

interface TraceTableProps {
  items: readonly TraceSummary[];
  active: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  more: boolean;
  loading_more: boolean;
  onMore: () => void;
  onHover: (trace_id: string | null) => void;
  // Where the list was when the reader left it.
  offset: number;
}

export function TraceTable(props: TraceTableProps) {
  const { items, active, scroller, more, loading_more, onMore, onHover, offset } = props;
  const now = useNow(15_000);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 10,
    initialOffset: offset,
    getItemKey: (index) => items[index]?.trace_id ?? index,
  });
  const duration_max = useMemo(
    () => items.reduce((max, item) => Math.max(max, Number(item.duration_nano)), 0),
    [items],
  );

  useLayoutEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = offset;
  }, [scroller, offset]);

  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loading_more && last >= items.length - 30) onMore();
  }, [more, loading_more, last, items.length, onMore]);

  // The row that the keys moved to comes into view and takes the focus, so that a screen reader
  // reads it.
  const place = useMemo(() => items.findIndex((item) => item.trace_id === active), [items, active]);
  const moved = useRef(active);
  useEffect(() => {
    if (place < 0 || moved.current === active) return;
    moved.current = active;
    rows.scrollToIndex(place, { align: 'auto' });
    requestAnimationFrame(() => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-trace-id="${active}"]`);
      row?.focus({ preventScroll: true });
    });
  }, [place, active, rows, scroller]);

  return (
    <>
      <TableHead />
      <ul
        className={styles.rows}
        style={{ height: rows.getTotalSize() }}
        aria-label="Traces, newest first"
        onPointerOver={(event) => {
          const row = (event.target as HTMLElement).closest<HTMLElement>('[data-trace-id]');
          onHover(row?.dataset['traceId'] ?? null);
        }}
        onPointerLeave={() => onHover(null)}
      >
        {shown.map((row) => {
          const trace = items[row.index];
          if (trace === undefined) return null;
          return (
            <li key={row.key} className={styles.row} style={{ transform: `translateY(${row.start}px)` }}>
              <TraceRow
                trace={trace}
                duration_max={duration_max}
                active={trace.trace_id === active}
                now={now}
              />
            </li>
          );
        })}
      </ul>
      {loading_more && <p className={styles.end}>Loading more…</p>}
      {!more && items.length > 20 && <p className={styles.end}>That is all in this time range.</p>}
    </>
  );
}

export function TableHead() {
  return (
    <div aria-hidden className={cx(rowStyles.head, styles.head)}>
      <span>Time</span>
      <span>Trace</span>
      <span className={rowStyles.wide}>Services</span>
      <span className={rowStyles.right}>Spans</span>
      <span className={cx(rowStyles.right, rowStyles.wide)}>Errors</span>
      <span className={rowStyles.right}>Duration</span>
      <span className={rowStyles.wide} />
    </div>
  );
}

const kSkeletonWidths = [62, 48, 71, 55, 66, 44, 58, 69, 51, 60, 47, 64];

export function TableSkeleton() {
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading traces
      </span>
      <TableHead />
      {kSkeletonWidths.map((width) => (
        <div key={width} aria-hidden className={rowStyles.row}>
          <Skeleton width={72} />
          <Skeleton width={`${width}%`} />
          <span className={rowStyles.wide}>
            <Skeleton width={40} />
          </span>
          <Skeleton width="100%" />
          <span className={rowStyles.wide}>
            <Skeleton width="60%" />
          </span>
          <Skeleton width="100%" />
          <span className={rowStyles.wide}>
            <Skeleton width={`${width}%`} height={6} />
          </span>
        </div>
      ))}
    </div>
  );
}
