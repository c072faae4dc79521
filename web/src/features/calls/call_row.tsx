import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { memo, useMemo } from 'react';
import { readCall } from '@/api/call';
import type { CallItem } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { formatDuration } from '@/base/duration';
import { RowTime } from '@/components/row_time';
import { ServiceDot } from '@/components/service_dot';
import { costFact, describe, type Fact, keyOf, notCounted, subjectOf, tokensFact } from './call_facts';
import styles from './call_row.module.css';

interface CallRowProps {
  item: CallItem;
  active: boolean;
  now: bigint;
}

export const CallRow = memo(function CallRow({ item, active, now }: CallRowProps) {
  const call = useMemo(() => readCall(item.call), [item.call]);
  if (call === undefined) return null;
  const outside = notCounted(item, call);
  return (
    <Link
      to="/trace/$traceId"
      params={{ traceId: item.trace_id }}
      search={{ span: item.span_id }}
      preload={false}
      className={cx(styles.row, active && styles.active, !item.counts && styles.faint)}
      aria-current={active ? 'true' : undefined}
      data-call={keyOf(item)}
    >
      <RowTime nanos={item.start_unix_nano} now={now} />
      <span className={styles.main}>
        {call.failed && <CircleAlert size={14} aria-hidden className={styles.failed} />}
        <span className={styles.name} data-part="name">
          {item.name || 'unnamed span'}
        </span>
        <span className="visually-hidden">{describe(item, call, now)}</span>
        {call.kind !== 'llm' && (
          <span aria-hidden className={styles.tag}>
            {call.kind}
          </span>
        )}
        {outside !== null && (
          <span aria-hidden className={styles.tag} title={outside}>
            not counted
          </span>
        )}
      </span>
      <span aria-hidden className={styles.subject}>
        <span className={styles.text} title={subjectOf(call)}>
          {subjectOf(call)}
        </span>
        {call.provider !== undefined && <small>{call.provider}</small>}
      </span>
      <span aria-hidden className={cx(styles.service, styles.wide)}>
        <ServiceDot name={item.service} />
        <span className={styles.text}>{item.service}</span>
      </span>
      <Figure fact={tokensFact(call)} wide />
      <Figure fact={costFact(call)} />
      <span aria-hidden className={styles.figure}>
        {formatDuration(item.duration_nano)}
      </span>
    </Link>
  );
});

function Figure({ fact, wide }: { fact: Fact | null; wide?: boolean }) {
  return (
    <span
      aria-hidden
      title={fact?.title}
      className={cx(styles.figure, fact?.absent && styles.absent, wide && styles.wide)}
    >
      {fact?.text}
    </span>
  );
}
