import { formatAge, formatClock, formatDay, formatExact } from '@/base/time';
import styles from './row_time.module.css';

// When a row of a list began, for the eye: the day where it is not today, the milliseconds where
// there is room.
export function RowTime({ nanos, now }: { nanos: bigint; now: bigint }) {
  const day = formatDay(nanos, now);
  const today = day === formatDay(now, now);
  const clock = formatClock(nanos);
  return (
    <time aria-hidden className={styles.time} title={`${formatExact(nanos)}\n${formatAge(nanos, now)}`}>
      {!today && `${day} `}
      {clock.slice(0, 8)}
      {today && <span className={styles.millis}>{clock.slice(8)}</span>}
    </time>
  );
}
