import { Check, Clock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { cx } from '@/base/class_names';
import { formatClock, formatDay, formatRfc3339, nowNanos, parseInstant } from '@/base/time';
import { isFixed, kRangeDefault, kRanges, type Range, type TimeSearch } from '@/base/time_range';
import { Button } from '@/widgets/button';
import { Popover } from '@/widgets/popover';
import styles from './time_range.module.css';

interface TimeRangeProps {
  search: TimeSearch;
  onChange: (change: {
    range?: Range | undefined;
    start?: string | undefined;
    end?: string | undefined;
  }) => void;
}

function describeEnd(text: string | undefined, fallback: string): string {
  const instant = text === undefined ? null : parseInstant(text);
  if (instant === null) return fallback;
  return `${formatDay(instant, nowNanos())} ${formatClock(instant).slice(0, 8)}`;
}

function describe(search: TimeSearch): string {
  if (!isFixed(search)) return kRanges[search.range ?? kRangeDefault].label;
  return `${describeEnd(search.start, 'the beginning')} – ${describeEnd(search.end, 'now')}`;
}

// What <input type="datetime-local"> holds, in the reader's zone.
function toField(text: string | undefined): string {
  const instant = text === undefined ? null : parseInstant(text);
  if (instant === null) return '';
  const date = new Date(Number(instant / 1_000_000n));
  date.setMinutes(date.getMinutes() - date.getTimezoneOffset());
  return date.toISOString().slice(0, 19);
}

function fromField(text: string): string | undefined {
  const instant = text === '' ? null : parseInstant(text);
  return instant === null ? undefined : formatRfc3339(instant);
}

export function TimeRange({ search, onChange }: TimeRangeProps) {
  const [open, setOpen] = useState(false);
  const fixed = isFixed(search);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Time range"
      align="end"
      trigger={
        <Button aria-label={`Time range: ${describe(search)}`}>
          <Clock size={13} aria-hidden />
          {describe(search)}
        </Button>
      }
    >
      <div className={styles.panel}>
        <div className={styles.presets}>
          {Object.entries(kRanges).map(([range, { label }]) => {
            const chosen = !fixed && (search.range ?? kRangeDefault) === range;
            return (
              <button
                key={range}
                type="button"
                aria-pressed={chosen}
                className={cx(styles.preset, chosen && styles.chosen)}
                onClick={() => {
                  onChange({ range: range as Range, start: undefined, end: undefined });
                  setOpen(false);
                }}
              >
                {label}
                {chosen && <Check size={13} aria-hidden />}
              </button>
            );
          })}
        </div>
        <FixedRange
          search={search}
          onApply={(start, end) => {
            onChange({ range: undefined, start, end });
            setOpen(false);
          }}
        />
      </div>
    </Popover>
  );
}

interface FixedRangeProps {
  search: TimeSearch;
  onApply: (start: string | undefined, end: string | undefined) => void;
}

function FixedRange({ search, onApply }: FixedRangeProps) {
  const [start, setStart] = useState(toField(search.start));
  const [end, setEnd] = useState(toField(search.end));
  const backwards = start !== '' && end !== '' && start >= end;

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (!backwards && (start !== '' || end !== '')) onApply(fromField(start), fromField(end));
  }

  return (
    <form className={styles.fixed} onSubmit={onSubmit}>
      <label>
        From
        <input
          type="datetime-local"
          step={1}
          value={start}
          onChange={(event) => setStart(event.target.value)}
        />
      </label>
      <label>
        To
        <input type="datetime-local" step={1} value={end} onChange={(event) => setEnd(event.target.value)} />
      </label>
      {backwards && <p role="alert">The end lies before the start.</p>}
      <Button type="submit" tone="primary" disabled={backwards || (start === '' && end === '')}>
        Show
      </Button>
    </form>
  );
}
