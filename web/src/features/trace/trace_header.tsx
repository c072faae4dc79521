import { Link } from '@tanstack/react-router';
import { ArrowLeft, CircleAlert, ListTree, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Trace } from '@/api/schemas';
import { formatDuration, formatDurationExact } from '@/base/duration';
import { formatCompact, formatCount, plural } from '@/base/format';
import { formatClock, formatDay, formatExact, nowNanos } from '@/base/time';
import { hasSums } from '@/components/call_sums';
import { ServiceDot } from '@/components/service_dot';
import { CostSum } from '@/components/sum';
import { Button, IconButton } from '@/widgets/button';
import { CopyButton } from '@/widgets/copy_button';
import { notesOf } from './notes';
import styles from './trace_header.module.css';
import type { TraceTree } from './tree';

interface TraceHeaderProps {
  trace: Trace;
  tree: TraceTree;
  folded: boolean;
  onFold: (folded: boolean) => void;
  onNextError: () => void;
  onSelect: (span_id: string) => void;
}

const kServicesMax = 6;

export function TraceHeader({ trace, tree, folded, onFold, onNextError, onSelect }: TraceHeaderProps) {
  const root = tree.spans[0];
  const start = trace.start_unix_nano;
  return (
    <header className={styles.header}>
      <div className={styles.line}>
        <BackLink />
        <h1 className={styles.name}>{root?.name || 'unnamed span'}</h1>
        <span className={styles.tools}>
          {trace.error_count > 0 && (
            <Button tone="quiet" className={styles.errors} onClick={onNextError} title="Next error (e)">
              <CircleAlert size={13} aria-hidden />
              {plural(trace.error_count, 'error')}
            </Button>
          )}
          <IconButton
            label={folded ? 'Expand all' : 'Collapse all'}
            shortcut="c"
            onClick={() => onFold(!folded)}
          >
            <ListTree size={15} aria-hidden />
          </IconButton>
          <CopyButton label={`Copy trace id ${trace.trace_id.slice(0, 8)}`} text={() => trace.trace_id}>
            <code>{trace.trace_id.slice(0, 8)}</code>
          </CopyButton>
          <CopyButton
            label="Copy link to this trace"
            text={() => `${location.origin}/trace/${trace.trace_id}`}
          >
            Link
          </CopyButton>
        </span>
      </div>
      <div className={styles.facts}>
        <span title={formatExact(start)}>
          {formatDay(start, nowNanos())} {formatClock(start)}
        </span>
        <b title={formatDurationExact(trace.duration_nano)}>{formatDuration(trace.duration_nano)}</b>
        <span>{plural(trace.span_count, 'span')}</span>
        <span>depth {tree.depth_max + 1}</span>
        <Totals trace={trace} />
        <Services trace={trace} />
      </div>
      <Notes trace={trace} tree={tree} onSelect={onSelect} />
    </header>
  );
}

// What the model calls of the trace took and cost.
function Totals({ trace }: { trace: Trace }) {
  const { totals } = trace;
  if (totals === null || !hasSums(totals)) return null;
  return (
    <>
      {totals.calls > 0 && <span>{plural(totals.calls, 'model call')}</span>}
      <span title={`${formatCount(totals.input_tokens)} in, ${formatCount(totals.output_tokens)} out`}>
        {formatCompact(totals.input_tokens)} tokens in, {formatCompact(totals.output_tokens)} out
      </span>
      <b>
        <CostSum cost={totals.cost} />
      </b>
    </>
  );
}

export function BackLink() {
  return (
    <Link to="/traces" className={styles.back} aria-label="Back to the traces" onClick={goBack}>
      <ArrowLeft size={15} aria-hidden />
    </Link>
  );
}

// The list as the reader left it is one step back in the history; a deep link has no such step.
function goBack(event: React.MouseEvent) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || !cameFromList()) return;
  event.preventDefault();
  history.back();
}

export function cameFromList(): boolean {
  const state = history.state as { __TSR_index?: number } | null;
  return (state?.__TSR_index ?? 0) > 0;
}

function Services({ trace }: { trace: Trace }) {
  const shown = [...trace.services].sort((a, b) => b.span_count - a.span_count);
  return (
    <ul className={styles.services} aria-label="Services">
      {shown.slice(0, kServicesMax).map((service) => (
        <li key={service.name}>
          <ServiceDot name={service.name} />
          {service.name}
          <small>{formatCompact(service.span_count)}</small>
        </li>
      ))}
      {shown.length > kServicesMax && (
        <li
          title={shown
            .slice(kServicesMax)
            .map((service) => service.name)
            .join(', ')}
        >
          +{shown.length - kServicesMax} more
        </li>
      )}
    </ul>
  );
}

function Notes({ trace, tree, onSelect }: Pick<TraceHeaderProps, 'trace' | 'tree' | 'onSelect'>) {
  const [turn, setTurn] = useState(0);
  const notes = notesOf(trace, tree);
  if (notes.length === 0) return null;
  return (
    <ul className={styles.notes} aria-label="What is missing from this trace">
      {notes.map((note) => (
        <li key={note.text}>
          <TriangleAlert size={13} aria-hidden />
          <span>{note.text}</span>
          {note.spans.length > 0 && (
            <button
              type="button"
              onClick={() => {
                onSelect(note.spans[turn % note.spans.length]!);
                setTurn(turn + 1);
              }}
            >
              Show
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
