import type { Stats } from '@/api/schemas';
import { formatCount } from '@/base/format';
import { formatAge, nowNanos } from '@/base/time';
import { isFixed, kRangeDefault, kRanges, type Range } from '@/base/time_range';
import { Button } from '@/widgets/button';
import styles from '@/widgets/empty_page.module.css';
import { hasFilters, type TraceListSearch, withChange } from './url_state';

interface NoMatchProps {
  search: TraceListSearch;
  stats: Stats | undefined;
  onChange: (search: TraceListSearch) => void;
}

// The shortest preset that reaches the newest span.
function reaching(stats: Stats | undefined, search: TraceListSearch): Range | null {
  const newest = stats?.newest_unix_nano ?? null;
  if (newest === null) return null;
  const age_ms = Number((nowNanos() - newest) / 1_000_000n);
  const now_ms = isFixed(search) ? 0 : kRanges[search.range ?? kRangeDefault].ms;
  const found = Object.entries(kRanges).find(([, { ms }]) => ms > age_ms && ms > now_ms);
  return (found?.[0] as Range | undefined) ?? null;
}

// The store holds spans, but none here: says why that can be and offers the ways out.
export function NoMatch({ search, stats, onChange }: NoMatchProps) {
  const filtered = hasFilters(search);
  const wider = reaching(stats, search);
  const newest = stats?.newest_unix_nano ?? null;
  return (
    <section className={styles.page} role="status">
      <h2>{filtered ? 'No trace matches' : 'Nothing in this time range'}</h2>
      {stats !== undefined && newest !== null && (
        <p>
          {formatCount(stats.spans_stored)} spans are stored; the newest arrived{' '}
          {formatAge(newest, nowNanos())}.
        </p>
      )}
      <div className={styles.actions}>
        {filtered && (
          <Button
            onClick={() =>
              onChange(
                withChange(search, {
                  service: undefined,
                  operation: undefined,
                  status: undefined,
                  min_duration: undefined,
                  max_duration: undefined,
                  attribute: undefined,
                }),
              )
            }
          >
            Clear filters
          </Button>
        )}
        {wider !== null && (
          <Button
            onClick={() => onChange(withChange(search, { range: wider, start: undefined, end: undefined }))}
          >
            Show the {kRanges[wider].label.toLowerCase()}
          </Button>
        )}
      </div>
    </section>
  );
}
