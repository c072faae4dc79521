import { useMemo } from 'react';
import type { TraceSummary } from '@/api/schemas';
import { formatDuration } from '@/base/duration';
import { plural } from '@/base/format';
import { formatClock, parseInstant } from '@/base/time';
import { isFixed, kRangeDefault, kRanges } from '@/base/time_range';
import { serviceToken } from '@/components/service_color';
import { Scatter, type ScatterPoint } from '@/widgets/scatter';
import styles from './trace_scatter.module.css';
import type { TraceListSearch } from './url_state';

interface TraceScatterProps {
  items: readonly TraceSummary[];
  search: TraceListSearch;
  // All traces of the time range are loaded, so the axis may show the whole of it.
  whole: boolean;
  marked: string | null;
  onHover: (trace_id: string | null) => void;
  onOpen: (trace_id: string) => void;
}

function toSeconds(nanos: bigint): number {
  return Number(nanos / 1_000n) / 1e6;
}

function pointOf(trace: TraceSummary): ScatterPoint {
  const failed = trace.status === 'error' || trace.error_count > 0;
  return {
    key: trace.trace_id,
    x: toSeconds(trace.start_unix_nano),
    // A logarithmic scale has no zero.
    y: Math.max(Number(trace.duration_nano), 1),
    color: failed ? '--error' : serviceToken(trace.service),
    strong: failed,
  };
}

// The axis ends: the asked time range, cut to what is loaded where there is more than that.
export function axisOf(
  points: readonly { x: number }[],
  search: TraceListSearch,
  whole: boolean,
): [number, number] {
  const first = points.reduce((min, point) => Math.min(min, point.x), Number.POSITIVE_INFINITY);
  const last = points.reduce((max, point) => Math.max(max, point.x), 0);
  const instant = (text: string | undefined) => (text === undefined ? null : parseInstant(text));
  const end = instant(search.end);
  const right = end === null ? Math.max(last, Date.now() / 1000) : toSeconds(end);
  const range = isFixed(search) ? null : kRanges[search.range ?? kRangeDefault].ms / 1000;
  const start = instant(search.start);
  const asked = range !== null ? right - range : start !== null ? toSeconds(start) : first;
  // A few traces of the last minutes would be a line at the edge of a day's axis.
  const span = Math.max(right - first, 60);
  const left = whole && right - asked < span * 3 ? asked : Math.max(asked, right - span * 1.04);
  return [left, right + (right - left) * 0.012];
}

export function TraceScatter({ items, search, whole, marked, onHover, onOpen }: TraceScatterProps) {
  const points = useMemo(() => items.map(pointOf), [items]);
  const [x_min, x_max] = useMemo(() => axisOf(points, search, whole), [points, search, whole]);
  const byId = useMemo(() => new Map(items.map((item) => [item.trace_id, item])), [items]);
  return (
    <section className={styles.section} aria-label="Durations">
      <Scatter
        label={`Chart: durations of ${plural(items.length, 'trace')} over time. The list below holds the same traces.`}
        points={points}
        x_min={x_min}
        x_max={x_max}
        marked={marked}
        onHover={onHover}
        onOpen={onOpen}
        describe={(key) => {
          const trace = byId.get(key);
          if (trace === undefined) return null;
          return (
            <>
              <b className={styles.name}>{trace.name}</b>
              <span className={styles.facts}>
                {formatDuration(trace.duration_nano)} · {plural(trace.span_count, 'span')} ·{' '}
                {formatClock(trace.start_unix_nano)}
                {trace.error_count > 0 && <em> · {plural(trace.error_count, 'error')}</em>}
              </span>
            </>
          );
        }}
      />
    </section>
  );
}
