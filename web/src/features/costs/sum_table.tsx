import { Link } from '@tanstack/react-router';
import { ArrowDown } from 'lucide-react';
import { memo, type ReactNode, useMemo, useState } from 'react';
import type { CallSum } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { formatDuration } from '@/base/duration';
import { formatCount, formatDollars, formatShare, plural } from '@/base/format';
import { ModelMark } from '@/components/model_mark';
import { ServiceDot } from '@/components/service_dot';
import { CostSum, TokenSum } from '@/components/sum';
import { Button } from '@/widgets/button';
import { callsOfRow } from './calls_behind';
import { orderValue, restOf } from './rest';
import styles from './sum_table.module.css';
import { type CostsSearch, kTables, type Order, type Table } from './url_state';

interface SumTableProps {
  table: Table;
  order: Order;
  rows: readonly CallSum[];
  // There are more rows than the server gives at once.
  more: boolean;
  whole: CallSum;
  // The models that have a colour in the chart.
  coloured: ReadonlySet<string>;
  search: CostsSearch;
  onOrder: (order: Order) => void;
}

const kRowsFirst = 100;

// Sums of one dimension. A row leads to the calls behind it.
export function SumTable(props: SumTableProps) {
  const { table, order, rows, more, whole, coloured, search, onOrder } = props;
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, kRowsFirst);
  const rest = useMemo(() => (more ? restOf(whole, rows) : null), [more, whole, rows]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must scroll by keyboard too */}
      <section className={styles.scroll} aria-label={`Sums by ${table}`} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{kTables[table].label}</th>
              <SortHead order="cost" now={order} onOrder={onOrder} />
              <th scope="col" className={styles.share}>
                Share
              </th>
              <SortHead order="calls" now={order} onOrder={onOrder} />
              <SortHead order="errors" now={order} onOrder={onOrder} />
              <SortHead order="tokens" now={order} onOrder={onOrder} />
              <th scope="col">From cache</th>
              <th scope="col">Median</th>
              <th scope="col">p95</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row
                key={Object.values(row.key).join('\n')}
                row={row}
                table={table}
                order={order}
                whole={orderValue(whole, order)}
                coloured={coloured}
                search={search}
              />
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < rows.length && (
        <p className={styles.end}>
          <Button onClick={() => setAll(true)}>Show {formatCount(rows.length - shown.length)} more</Button>
        </p>
      )}
      {rest !== null && (
        <p className={styles.end}>
          Beyond these {formatCount(rows.length)} lie {plural(rest.calls, 'call')} for{' '}
          {formatDollars(rest.cost)}. A shorter range or one service shows them.
        </p>
      )}
    </>
  );
}

const kHeads: Record<Order, string> = { cost: 'Cost', calls: 'Calls', errors: 'Failed', tokens: 'Tokens' };

function SortHead({ order, now, onOrder }: { order: Order; now: Order; onOrder: (order: Order) => void }) {
  const here = order === now;
  return (
    <th scope="col" aria-sort={here ? 'descending' : undefined}>
      <button type="button" className={cx(styles.sort, here && styles.here)} onClick={() => onOrder(order)}>
        {here && <ArrowDown size={11} aria-hidden />}
        {kHeads[order]}
      </button>
    </th>
  );
}

interface RowProps {
  row: CallSum;
  table: Table;
  order: Order;
  // What the shares are of.
  whole: number;
  coloured: ReadonlySet<string>;
  search: CostsSearch;
}

const Row = memo(function Row({ row, table, order, whole, coloured, search }: RowProps) {
  const calls = callsOfRow(search, row.key);
  const name = <Name row={row} table={table} coloured={coloured} />;
  const part = orderValue(row, order);
  return (
    <tr>
      <th scope="row">
        {calls === null ? (
          <span className={styles.name}>{name}</span>
        ) : (
          <Link to="/calls" search={calls} className={styles.name}>
            {name}
          </Link>
        )}
      </th>
      <td className={styles.strong}>
        <CostSum cost={row.cost} />
      </td>
      <td className={styles.share}>
        <span className={styles.track} aria-hidden>
          <i style={{ width: `${whole > 0 ? Math.min(part / whole, 1) * 100 : 0}%` }} />
        </span>
        <span className={styles.percent}>{part > 0 ? formatShare(part, whole) : ''}</span>
      </td>
      <td>{formatCount(row.calls)}</td>
      <td className={cx(row.errors > 0 ? styles.failed : styles.zero)}>
        {row.errors > 0 ? formatCount(row.errors) : '–'}
      </td>
      <td>
        <TokenSum sums={row} />
      </td>
      <td className={cx(row.cache_read_tokens === 0 && styles.zero)}>
        {row.cache_read_tokens > 0 ? formatShare(row.cache_read_tokens, row.input_tokens) : '–'}
      </td>
      <td>{row.calls > 0 ? formatDuration(row.duration_nano.p50) : '–'}</td>
      <td>{row.calls > 0 ? formatDuration(row.duration_nano.p95) : '–'}</td>
    </tr>
  );
});

function Name({ row, table, coloured }: Pick<RowProps, 'row' | 'table' | 'coloured'>): ReactNode {
  const text = row.key[table] ?? '';
  if (text === '') return <em>{kTables[table].none}</em>;
  const provider = table === 'model' ? row.key['provider'] : '';
  return (
    <>
      {table === 'service' && <ServiceDot name={text} />}
      {table === 'model' &&
        (coloured.has(text) ? <ModelMark model={text} /> : <i className={styles.unmarked} />)}
      <span className={styles.text} title={text}>
        {text}
      </span>
      {provider && <small>{provider}</small>}
    </>
  );
}
