import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { asApiError } from '@/api/client';
import { cx } from '@/base/class_names';
import { useTitle } from '@/base/hooks';
import { ServiceField } from '@/components/service_field';
import { TimeRange } from '@/components/time_range';
import { ErrorNotice } from '@/widgets/notice';
import { Segmented } from '@/widgets/segmented';
import { Skeleton } from '@/widgets/skeleton';
import { CostChart } from './cost_chart';
import styles from './costs_page.module.css';
import { Figures, FiguresSkeleton } from './figures';
import { NoCalls } from './no_calls';
import { layersOf } from './series';
import { SumTable } from './sum_table';
import { barStarts } from './times';
import { Unpriced } from './unpriced';
import { type CostsSearch, kTables, type Table, withChange } from './url_state';
import { type Costs, useCosts } from './use_costs';

const route = getRouteApi('/costs');

export function CostsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const costs = useCosts(search);
  useTitle(search.service === undefined ? 'Costs · Telltale' : `${search.service} · Costs · Telltale`);
  const change = (next: CostsSearch) => navigate({ to: '/costs', search: next });
  return (
    <main className={styles.page}>
      <h1 className="visually-hidden">Costs</h1>
      <search className={styles.bar}>
        <ServiceField
          value={search.service}
          onChange={(service) => change(withChange(search, { service }))}
        />
        <span className={styles.right}>
          <TimeRange search={search} onChange={(times) => change(withChange(search, times))} />
        </span>
      </search>
      <div
        className={cx(styles.body, costs.whole.isPlaceholderData && styles.stale)}
        aria-busy={costs.whole.isFetching}
      >
        <Body costs={costs} search={search} onChange={change} />
      </div>
    </main>
  );
}

interface BodyProps {
  costs: Costs;
  search: CostsSearch;
  onChange: (search: CostsSearch) => void;
}

function Body({ costs, search, onChange }: BodyProps) {
  const { whole, sums, table, unpriced } = costs;
  const failed = [whole, costs.steps, costs.steps_by_model, table, unpriced].find((query) => query.isError);
  if (failed !== undefined) {
    const error = asApiError(failed.error);
    return <ErrorNotice message={error.message} hint={error.hint} onRetry={() => void failed.refetch()} />;
  }
  if (whole.isPending) return <Loading />;
  if (sums === undefined) return <NoCalls search={search} onChange={onChange} />;
  return (
    <>
      <Figures sums={sums} search={search} />
      {sums.cost.unpriced_calls > 0 && unpriced.data !== undefined && (
        <Unpriced rows={unpriced.data.items} more={unpriced.data.next !== null} search={search} />
      )}
      <CostChart
        costs={costs}
        search={search}
        onMeasure={(chart) => onChange(withChange(search, { chart }))}
      />
      <Tables costs={costs} search={search} onChange={onChange} />
    </>
  );
}

function Tables({ costs, search, onChange }: BodyProps) {
  const { sums, table } = costs;
  const coloured = useColoured(costs, search);
  const by = search.by ?? 'model';
  return (
    <section className={styles.tables} aria-label="Sums">
      <header className={styles.tabs}>
        <Segmented
          label="Sums by"
          value={by}
          options={Object.entries(kTables).map(([value, { label }]) => ({ value: value as Table, label }))}
          onChange={(next) => onChange(withChange(search, { by: next }))}
        />
      </header>
      {table.data === undefined || sums === undefined ? (
        <TableSkeleton />
      ) : (
        <SumTable
          key={by}
          table={by}
          order={search.sort ?? 'cost'}
          rows={table.data.items}
          more={table.data.next !== null}
          whole={sums}
          coloured={coloured}
          search={search}
          onOrder={(sort) => onChange(withChange(search, { sort }))}
        />
      )}
    </section>
  );
}

// The models that are layers of the chart.
function useColoured({ times, steps, steps_by_model }: Costs, search: CostsSearch): ReadonlySet<string> {
  return useMemo(() => {
    const layers = layersOf(
      barStarts(times),
      steps.data?.items ?? [],
      steps_by_model.data?.items ?? [],
      search.chart ?? 'cost',
    );
    return new Set(layers.flatMap((layer) => (layer.model === null ? [] : [layer.model])));
  }, [times, steps.data, steps_by_model.data, search.chart]);
}

const kSkeletonWidths = [38, 31, 44, 27, 35];

function TableSkeleton() {
  return (
    <div aria-hidden className={styles.skeleton}>
      {kSkeletonWidths.map((width) => (
        <Skeleton key={width} width={`${width}%`} />
      ))}
    </div>
  );
}

function Loading() {
  return (
    <>
      <span className="visually-hidden" role="status">
        Loading costs
      </span>
      <FiguresSkeleton />
      <div aria-hidden className={styles.blank} />
      <section aria-hidden className={styles.tables}>
        <TableSkeleton />
      </section>
    </>
  );
}
