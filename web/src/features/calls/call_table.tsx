import { ArrowDown } from 'lucide-react';
import type { RefObject } from 'react';
import type { CallItem } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { useNow } from '@/base/hooks';
import { RowList } from '@/widgets/row_list';
import { Skeleton } from '@/widgets/skeleton';
import { keyOf } from './call_facts';
import { CallRow } from './call_row';
import styles from './call_row.module.css';
import type { Order } from './url_state';

const kRowHeight = 38;

interface CallTableProps {
  items: readonly CallItem[];
  order: Order;
  active: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  more: boolean;
  loading_more: boolean;
  onMore: () => void;
  onHover: (key: string | null) => void;
  onOrder: (order: Order) => void;
  offset: number;
}

const kOrderWords: Record<Order, string> = {
  start: 'newest first',
  cost: 'the dearest first',
  tokens: 'most tokens first',
  duration: 'the slowest first',
};

export function CallTable(props: CallTableProps) {
  const { active, order, onOrder } = props;
  const now = useNow(15_000);
  return (
    <>
      <TableHead order={order} onOrder={onOrder} />
      <RowList {...props} label={`Calls, ${kOrderWords[order]}`} keyOf={keyOf} row_height={kRowHeight}>
        {(item) => <CallRow item={item} active={keyOf(item) === active} now={now} />}
      </RowList>
    </>
  );
}

interface TableHeadProps {
  order: Order;
  onOrder: (order: Order) => void;
}

// Each order is largest first, so that a head is pressed or not.
function TableHead({ order, onOrder }: TableHeadProps) {
  const head = (by: Order, text: string, className?: string) => (
    <button
      type="button"
      aria-pressed={by === order}
      aria-label={`${text}: ${kOrderWords[by]}`}
      className={cx(styles.sort, by === order && styles.here, className)}
      onClick={() => onOrder(by)}
    >
      {by === order && <ArrowDown size={11} aria-hidden />}
      {text}
    </button>
  );
  return (
    <div className={styles.head}>
      {head('start', 'Time')}
      <span aria-hidden>Call</span>
      <span aria-hidden>Model</span>
      <span aria-hidden className={styles.wide}>
        Service
      </span>
      {head('tokens', 'Tokens', cx(styles.right, styles.wide))}
      {head('cost', 'Cost', styles.right)}
      {head('duration', 'Duration', styles.right)}
    </div>
  );
}

const kSkeletonWidths = [62, 48, 71, 55, 66, 44, 58, 69, 51, 60, 47, 64];

export function TableSkeleton({ order, onOrder }: TableHeadProps) {
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading calls
      </span>
      <TableHead order={order} onOrder={onOrder} />
      {kSkeletonWidths.map((width) => (
        <div key={width} aria-hidden className={styles.row}>
          <Skeleton width={72} />
          <Skeleton width={`${width}%`} />
          <Skeleton width={`${100 - width}%`} />
          <span className={styles.wide}>
            <Skeleton width="60%" />
          </span>
          <span className={styles.wide}>
            <Skeleton width="100%" />
          </span>
          <Skeleton width="100%" />
          <Skeleton width="100%" />
        </div>
      ))}
    </div>
  );
}
