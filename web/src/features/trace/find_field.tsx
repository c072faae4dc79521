import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import type { KeyboardEvent, RefObject } from 'react';
import { formatCount } from '@/base/format';
import { IconButton } from '@/widgets/button';
import { Kbd } from '@/widgets/kbd';
import styles from './find_field.module.css';

interface FindFieldProps {
  field: RefObject<HTMLInputElement | null>;
  text: string;
  count: number;
  // Which of the found spans is selected, from 0; -1 if none is.
  current: number;
  onText: (text: string) => void;
  onStep: (step: 1 | -1) => void;
}

export function FindField({ field, text, count, current, onText, onStep }: FindFieldProps) {
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'Enter') {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      if (text !== '') onText('');
      else event.currentTarget.blur();
    }
  }

  return (
    <div className={styles.find}>
      <Search size={13} aria-hidden className={styles.icon} />
      <input
        ref={field}
        aria-label="Find spans by name, service, id or attribute"
        placeholder="Find in trace"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {text === '' ? (
        <Kbd>/</Kbd>
      ) : (
        <>
          <span className={styles.count} role="status">
            {count === 0
              ? 'none'
              : current < 0
                ? formatCount(count)
                : `${formatCount(current + 1)} / ${formatCount(count)}`}
          </span>
          <IconButton
            label="Previous"
            shortcut="N"
            disabled={count === 0}
            className={styles.step}
            onClick={() => onStep(-1)}
          >
            <ChevronUp size={14} aria-hidden />
          </IconButton>
          <IconButton
            label="Next"
            shortcut="n"
            disabled={count === 0}
            className={styles.step}
            onClick={() => onStep(1)}
          >
            <ChevronDown size={14} aria-hidden />
          </IconButton>
        </>
      )}
    </div>
  );
}
