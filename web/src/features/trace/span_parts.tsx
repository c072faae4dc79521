import { Link } from '@tanstack/react-router';
import { ArrowUpRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { textAt } from '@/api/any_value';
import type { Trace } from '@/api/schemas';
import type { SpanEvent, SpanLink } from '@/api/span';
import { formatExact } from '@/base/time';
import { AttributeTable } from '@/components/attribute_table';
import { FoldedText } from '@/components/folded_text';
import { CopyButton } from '@/widgets/copy_button';
import { offsetOf } from './offset';
import styles from './span_parts.module.css';
import type { TraceTree } from './tree';

export function isException(event: SpanEvent): boolean {
  return event.name === 'exception';
}

interface ExceptionProps {
  event: SpanEvent;
  start: bigint;
  // A message that stands above already; most SDKs write it twice.
  said: string;
}

export function Exception({ event, start, said }: ExceptionProps) {
  const type = textAt(event.attributes, 'exception.type');
  const message = textAt(event.attributes, 'exception.message');
  const stack = textAt(event.attributes, 'exception.stacktrace');
  return (
    <div className={styles.exception}>
      <p className={styles.thrown}>
        <b>{type ?? 'Exception'}</b>
        <time title={formatExact(event.time)}>{offsetOf(event.time, start)}</time>
      </p>
      {message !== undefined && message !== '' && !said.includes(message) && (
        <p className={styles.message}>{message}</p>
      )}
      {stack !== undefined && stack !== '' && (
        <div className={styles.stack}>
          <CopyButton label="Copy stack trace" className={styles.copy} text={() => stack} />
          <FoldedText text={stack.trimEnd()} face="code" />
        </div>
      )}
    </div>
  );
}

export function EventList({ events, start }: { events: readonly SpanEvent[]; start: bigint }) {
  return (
    <ol className={styles.events}>
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and never move
        <li key={`${event.time}:${index}`}>
          <p className={styles.event}>
            <time title={formatExact(event.time)}>{offsetOf(event.time, start)}</time>
            <b>{event.name || 'unnamed event'}</b>
            {event.dropped_attributes > 0 && <em>{event.dropped_attributes} attributes dropped</em>}
          </p>
          {isException(event) ? (
            <p className={styles.above}>
              {textAt(event.attributes, 'exception.type') ?? 'exception'}, shown above
            </p>
          ) : (
            <AttributeTable attributes={event.attributes} />
          )}
        </li>
      ))}
    </ol>
  );
}

interface LinkListProps {
  links: readonly SpanLink[];
  trace_id: string;
  onSelect: (span_id: string) => void;
}

export function LinkList({ links, trace_id, onSelect }: LinkListProps) {
  return (
    <ul className={styles.links}>
      {links.map((link, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one span may be linked twice
        <li key={`${link.span_id}:${index}`}>
          {link.trace_id === trace_id ? (
            <button type="button" className={styles.link} onClick={() => onSelect(link.span_id)}>
              span <code>{link.span_id}</code> of this trace
            </button>
          ) : (
            <Link
              className={styles.link}
              to="/trace/$traceId"
              params={{ traceId: link.trace_id }}
              search={{ span: link.span_id }}
            >
              <ArrowUpRight size={13} aria-hidden />
              trace <code>{link.trace_id}</code>
            </Link>
          )}
          <AttributeTable attributes={link.attributes} />
        </li>
      ))}
    </ul>
  );
}

interface IdListProps {
  trace: Trace;
  tree: TraceTree;
  position: number;
  onSelect: (span_id: string) => void;
}

export function IdList({ trace, tree, position, onSelect }: IdListProps) {
  const span = tree.spans[position]!;
  const parent = span.parentSpanId;
  return (
    <dl className={styles.ids}>
      <Id name="Trace" text={trace.trace_id} />
      <Id name="Span" text={span.spanId} />
      <Id name="Parent" text={parent}>
        {parent === '' ? (
          'none: this is a root'
        ) : tree.position.has(parent) ? (
          <button type="button" className={styles.link} onClick={() => onSelect(parent)}>
            <code>{parent}</code>
          </button>
        ) : (
          <>
            <code>{parent}</code> (did not arrive)
          </>
        )}
      </Id>
      <Id name="Start" text={span.startTimeUnixNano.toString()}>
        {formatExact(span.startTimeUnixNano)}
      </Id>
      <Id name="End" text={span.endTimeUnixNano.toString()}>
        {formatExact(span.endTimeUnixNano)}
      </Id>
      {span.traceState !== undefined && span.traceState !== '' && (
        <Id name="Trace state" text={span.traceState} />
      )}
      {span.flags !== undefined && span.flags !== 0 && (
        <Id name="Flags" text={`0x${span.flags.toString(16)}`} />
      )}
    </dl>
  );
}

function Id({ name, text, children }: { name: string; text: string; children?: ReactNode }) {
  return (
    <div className={styles.id}>
      <dt>{name}</dt>
      <dd>
        <span>{children ?? <code>{text}</code>}</span>
        {text !== '' && (
          <CopyButton label={`Copy ${name.toLowerCase()}`} className={styles.copy} text={() => text} />
        )}
      </dd>
    </div>
  );
}
