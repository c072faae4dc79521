import { useMemo } from 'react';
import { readAnyValue, readKeyValues } from '@/api/any_value';
import type { Log } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { formatExact } from '@/base/time';
import { AttributeTable } from '@/components/attribute_table';
import { shapeOf } from '@/components/value_shape';
import { ValueView } from '@/components/value_view';
import styles from './log_list.module.css';
import { offsetOf } from './offset';
import { severityOf } from './severity';

// Log records of a span, or of a trace, by time. `start` is what their times count from.
export function LogList({ logs, start }: { logs: readonly Log[]; start: bigint }) {
  return (
    <ol className={styles.logs}>
      {logs.map((log, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: records have no id and never move
        <LogItem key={`${log.time_unix_nano}:${index}`} log={log} start={start} />
      ))}
    </ol>
  );
}

function LogItem({ log, start }: { log: Log; start: bigint }) {
  const attributes = useMemo(() => readKeyValues(log.attributes), [log]);
  const body = useMemo(() => shapeOf(readAnyValue(log.body)), [log]);
  const severity = severityOf(log.severityNumber);
  return (
    <li className={styles.log}>
      <p className={styles.head}>
        <time title={formatExact(log.time_unix_nano)}>{offsetOf(log.time_unix_nano, start)}</time>
        {(severity !== undefined || log.severityText !== '') && (
          <span className={cx(styles.severity, severity !== undefined && styles[severity])}>
            {log.severityText || severity}
          </span>
        )}
        {log.eventName !== '' && <b>{log.eventName}</b>}
        {log.droppedAttributesCount > 0 && <em>{log.droppedAttributesCount} attributes dropped</em>}
      </p>
      <div className={styles.body}>
        <ValueView shape={body} />
      </div>
      <AttributeTable attributes={attributes} />
    </li>
  );
}
