import { Check, ChevronDown, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react';
import { cx } from '@/base/class_names';
import styles from './combobox.module.css';
import { Popover } from './popover';

export interface Option {
  value: string;
  // Shown at the right, faint.
  note?: string;
  mark?: ReactNode;
}

interface ComboboxProps {
  label: string;
  value: string | undefined;
  options: readonly Option[];
  onChange: (value: string | undefined) => void;
  // Said when there is nothing to choose from.
  empty: string;
  // A typed value that is not among the options may be used as it is.
  free?: boolean;
  mark?: ReactNode;
  // Options that cost a question are asked for when someone opens the list.
  onOpen?: () => void;
}

// Rows rendered at once; a longer list is narrowed by typing.
const kRowsMax = 200;

// A field that shows its label until something is chosen, then the choice with a clear button.
export function Combobox(props: ComboboxProps) {
  const { label, value, onChange } = props;
  const [open, setOpen] = useState(false);
  return (
    <span className={cx(styles.field, value !== undefined && styles.set)}>
      <Popover
        open={open}
        onOpenChange={(next) => {
          setOpen(next);
          if (next) props.onOpen?.();
        }}
        label={label}
        trigger={
          <button type="button" className={styles.trigger} aria-label={`${label}: ${value ?? 'any'}`}>
            {value === undefined ? (
              label
            ) : (
              <>
                <span className={styles.label}>{label}</span>
                {props.mark}
                <span className={styles.value}>{value}</span>
              </>
            )}
            {value === undefined && <ChevronDown size={13} aria-hidden />}
          </button>
        }
      >
        <OptionList {...props} close={() => setOpen(false)} />
      </Popover>
      {value !== undefined && (
        <button
          type="button"
          className={styles.clear}
          aria-label={`Clear ${label}`}
          onClick={() => onChange(undefined)}
        >
          <X size={12} aria-hidden />
        </button>
      )}
    </span>
  );
}

function OptionList({
  label,
  value,
  options,
  onChange,
  empty,
  free,
  close,
}: ComboboxProps & { close: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const shown = useMemo(() => {
    const wanted = typed.trim().toLowerCase();
    const found = options.filter((option) => option.value.toLowerCase().includes(wanted)).slice(0, kRowsMax);
    const exact = found.some((option) => option.value === typed.trim());
    return free && wanted !== '' && !exact ? [...found, { value: typed.trim(), note: 'as typed' }] : found;
  }, [options, typed, free]);

  function choose(option: Option | undefined) {
    if (option === undefined) return;
    onChange(option.value);
    close();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const next = Math.min(Math.max(active + step, 0), shown.length - 1);
      setActive(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(shown[active]);
    }
  }

  return (
    <div className={styles.panel}>
      <input
        className={styles.search}
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={shown.length > 0 ? `${id}-${active}` : undefined}
        aria-label={`Find ${label.toLowerCase()}`}
        placeholder={`Find ${label.toLowerCase()}…`}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      {shown.length === 0 && <p className={styles.empty}>{typed === '' ? empty : 'Nothing matches.'}</p>}
      <div className={styles.list} role="listbox" id={`${id}-list`} aria-label={label}>
        {shown.map((option, index) => (
          <div
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={option.value === value}
            className={cx(styles.option, index === active && styles.active)}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(option)}
            onKeyDown={(event) => event.key === 'Enter' && choose(option)}
          >
            {option.mark}
            <span className={styles.text}>{option.value}</span>
            {option.note !== undefined && <span className={styles.note}>{option.note}</span>}
            {option.value === value && <Check size={13} aria-hidden />}
          </div>
        ))}
      </div>
    </div>
  );
}
