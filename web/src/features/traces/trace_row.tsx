import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { memo } from 'react';
import type { TraceSummary } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { formatDuration } from '@/base/duration';
import { formatCompact, plural } from '@/base/format';
import { formatAge } from '@/base/time';
import { costText, hasSums, missingCost, tokensOf } from '@/components/call_sums';
import { RowTime } from '@/components/row_time';
import { serviceColor } from '@/components/service_color';
import { ServiceDot } from '@/components/service_dot';
import { CostSum, TokenSum } from '@/components/sum';
import styles from './trace_row.module.css';

interface TraceRowProps {
  trace: TraceSummary;
  // The longest duration on the page: the bar's full width.
  duration_max: number;
  active: boolean;
  now: bigint;
}

const kDotsMax = 6;

// What a screen reader says of the row after its name; the cells are for the eye.
function describe(trace: TraceSummary, now: bigint): string {
  const errors = trace.error_count > 0 ? `, ${plural(trace.error_count, 'error')}` : '';
  return (
    ` ${trace.service}, ${formatDuration(trace.duration_nano)}, ` +
    `${plural(trace.span_count, 'span')}${errors}${describeCalls(trace.totals)}, ` +
    formatAge(trace.start_unix_nano, now)
  );
}

function describeCalls(totals: TraceSummary['totals']): string {
  if (totals === null || !hasSums(totals)) return '';
  const tokens = tokensOf(totals) > 0 ? `, ${plural(tokensOf(totals), 'token')}` : '';
  const missing = totals.cost.total === null ? null : missingCost(totals.cost);
  return `${tokens}, ${costText(totals.cost)}${missing === null ? '' : ` ${missing}`}`;
}

export const TraceRow = memo(function TraceRow({ trace, duration_max, active, now }: TraceRowProps) {
  const sums = trace.totals !== null && hasSums(trace.totals) ? trace.totals : null;
  const others = trace.services.filter((service) => service.name !== trace.service);
  return (
    <Link
      to="/trace/$traceId"
      params={{ traceId: trace.trace_id }}
      preload={false}
      className={cx(styles.row, active && styles.active)}
      aria-current={active ? 'true' : undefined}
      data-trace-id={trace.trace_id}
    >
      <RowTime nanos={trace.start_unix_nano} now={now} />
      <span className={styles.main}>
        {trace.status === 'error' && <CircleAlert size={14} aria-hidden className={styles.failed} />}
        <span className={styles.name} data-part="name">
          {trace.name || 'unnamed span'}
        </span>
        <span className="visually-hidden">{describe(trace, now)}</span>
        {trace.root_missing && (
          <span aria-hidden className={styles.tag}>
            no root
          </span>
        )}
        <span aria-hidden className={styles.service}>
          <ServiceDot name={trace.service} />
          {trace.service}
        </span>
      </span>
      <span
        aria-hidden
        className={cx(styles.services, styles.wide)}
        title={trace.services.map((service) => service.name).join(', ')}
      >
        {others.slice(0, kDotsMax).map((service) => (
          <ServiceDot key={service.name} name={service.name} />
        ))}
        {others.length > kDotsMax && <span>+{others.length - kDotsMax}</span>}
      </span>
      <span aria-hidden className={styles.count}>
        {formatCompact(trace.span_count)}
      </span>
      <span
        aria-hidden
        className={cx(styles.count, styles.wide, trace.error_count > 0 ? styles.errors : styles.zero)}
      >
        {trace.error_count > 0 ? formatCompact(trace.error_count) : '–'}
      </span>
      <span aria-hidden className={cx(styles.count, styles.wide)}>
        {sums !== null && <TokenSum sums={sums} />}
      </span>
      <span aria-hidden className={cx(styles.count, styles.wide)}>
        {sums !== null && <CostSum cost={sums.cost} />}
      </span>
      <span aria-hidden className={styles.duration}>
        {formatDuration(trace.duration_nano)}
      </span>
      <span aria-hidden className={cx(styles.track, styles.wide)}>
        <i
          style={{
            width: `${duration_max > 0 ? (Number(trace.duration_nano) / duration_max) * 100 : 0}%`,
            background: serviceColor(trace.service),
          }}
        />
      </span>
    </Link>
  );
});
