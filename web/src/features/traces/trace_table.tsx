import { type RefObject, useMemo } from 'react';
import type { TraceSummary } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { useNow } from '@/base/hooks';
import { RowList } from '@/widgets/row_list';
import { Skeleton } from '@/widgets/skeleton';
import { TraceRow } from './trace_row';
import styles from './trace_row.module.css';

const kRowHeight = 38;

interface TraceTableProps {
  items: readonly TraceSummary[];
  active: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  more: boolean;
  loading_more: boolean;
  onMore: () => void;
  onHover: (trace_id: string | null) => void;
  offset: number;
}

const keyOf = (trace: TraceSummary) => trace.trace_id;

export function TraceTable(props: TraceTableProps) {
  const { items, active } = props;
  const now = useNow(15_000);
  const duration_max = useMemo(
    () => items.reduce((max, item) => Math.max(max, Number(item.duration_nano)), 0),
    [items],
  );
  return (
    <>
      <TableHead />
      <RowList {...props} label="Traces, newest first" keyOf={keyOf} row_height={kRowHeight}>
        {(trace) => (
          <TraceRow trace={trace} duration_max={duration_max} active={trace.trace_id === active} now={now} />
        )}
      </RowList>
    </>
  );
}

export function TableHead() {
  return (
    <div aria-hidden className={styles.head}>
      <span>Time</span>
      <span>Trace</span>
      <span className={styles.wide}>Services</span>
      <span className={styles.right}>Spans</span>
      <span className={cx(styles.right, styles.wide)}>Errors</span>
      <span className={cx(styles.right, styles.wide)}>Tokens</span>
      <span className={cx(styles.right, styles.wide)}>Cost</span>
      <span className={styles.right}>Duration</span>
      <span className={styles.wide} />
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
        <div key={width} aria-hidden className={styles.row}>
          <Skeleton width={72} />
          <Skeleton width={`${width}%`} />
          <span className={styles.wide}>
            <Skeleton width={40} />
          </span>
          <Skeleton width="100%" />
          <span className={styles.wide}>
            <Skeleton width="60%" />
          </span>
          <span className={styles.wide} />
          <span className={styles.wide} />
          <Skeleton width="100%" />
          <span className={styles.wide}>
            <Skeleton width={`${width}%`} height={6} />
          </span>
        </div>
      ))}
    </div>
  );
}
