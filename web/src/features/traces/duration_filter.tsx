import { ChevronDown, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { cx } from '@/base/class_names';
import { formatDuration, parseDuration } from '@/base/duration';
import { Button } from '@/widgets/button';
import { Popover } from '@/widgets/popover';
import styles from './duration_filter.module.css';

interface DurationFilterProps {
  min: string | undefined;
  max: string | undefined;
  onChange: (min: string | undefined, max: string | undefined) => void;
}

function nice(text: string): string {
  const nanos = parseDuration(text);
  return nanos === null ? text : formatDuration(nanos).replace(/\.0+ /, ' ');
}

function describe(min: string | undefined, max: string | undefined): string {
  if (min !== undefined && max !== undefined) return `${nice(min)} – ${nice(max)}`;
  return min !== undefined ? `over ${nice(min)}` : `under ${nice(max ?? '')}`;
}

export function DurationFilter({ min, max, onChange }: DurationFilterProps) {
  const [open, setOpen] = useState(false);
  const set = min !== undefined || max !== undefined;
  return (
    <span className={cx(styles.field, set && styles.set)}>
      <Popover
        open={open}
        onOpenChange={setOpen}
        label="Duration"
        trigger={
          <button
            type="button"
            className={styles.trigger}
            aria-label={`Duration: ${set ? describe(min, max) : 'any'}`}
          >
            {set ? (
              <>
                <span className={styles.label}>Duration</span>
                <span className={styles.value}>{describe(min, max)}</span>
              </>
            ) : (
              <>
                Duration
                <ChevronDown size={13} aria-hidden />
              </>
            )}
          </button>
        }
      >
        <DurationForm
          min={min}
          max={max}
          onApply={(low, high) => {
            onChange(low, high);
            setOpen(false);
          }}
        />
      </Popover>
      {set && (
        <button
          type="button"
          className={styles.clear}
          aria-label="Clear Duration"
          onClick={() => onChange(undefined, undefined)}
        >
          <X size={12} aria-hidden />
        </button>
      )}
    </span>
  );
}

interface DurationFormProps {
  min: string | undefined;
  max: string | undefined;
  onApply: (min: string | undefined, max: string | undefined) => void;
}

function problemOf(low: string, high: string): string | null {
  const from = low === '' ? null : parseDuration(low);
  const to = high === '' ? null : parseDuration(high);
  if (low !== '' && from === null) return `“${low}” is no duration: write 100ms, 1.5s or 2m.`;
  if (high !== '' && to === null) return `“${high}” is no duration: write 100ms, 1.5s or 2m.`;
  if (from !== null && to !== null && from > to) return 'The least is more than the most.';
  return null;
}

function DurationForm({ min, max, onApply }: DurationFormProps) {
  const id = useId();
  const [low, setLow] = useState(min ?? '');
  const [high, setHigh] = useState(max ?? '');
  const problem = problemOf(low.trim(), high.trim());

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (problem === null) onApply(low.trim() || undefined, high.trim() || undefined);
  }

  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <label htmlFor={`${id}-low`}>At least</label>
      <input
        id={`${id}-low`}
        value={low}
        placeholder="100ms"
        onChange={(event) => setLow(event.target.value)}
      />
      <label htmlFor={`${id}-high`}>At most</label>
      <input
        id={`${id}-high`}
        value={high}
        placeholder="2s"
        onChange={(event) => setHigh(event.target.value)}
      />
      {problem !== null && <p role="alert">{problem}</p>}
      <Button type="submit" tone="primary" disabled={problem !== null}>
        Apply
      </Button>
    </form>
  );
}
