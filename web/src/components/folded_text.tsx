import { useState } from 'react';
import { cx } from '@/base/class_names';
import { formatBytes } from '@/base/format';
import styles from './folded_text.module.css';

const kLinesMax = 12;
const kLengthMax = 1_200;

// The first lines of a long text.
export function headOf(text: string): string {
  let end = Math.min(text.length, kLengthMax);
  let at = -1;
  for (let line = 0; line < kLinesMax; line++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at >= end) return text.slice(0, end);
  }
  end = at;
  return text.slice(0, end);
}

// Text that keeps its line breaks and shows its first lines until asked for the rest. Prose is
// set for reading, code and stack traces in the mono face.
export function FoldedText({ text, face = 'prose' }: { text: string; face?: 'prose' | 'code' }) {
  const [open, setOpen] = useState(false);
  const head = headOf(text);
  const folds = head.length < text.length;
  return (
    <div className={cx(styles.text, styles[face])}>
      {face === 'code' ? <Code text={open ? text : head} /> : open ? text : head}
      {folds && !open && <span aria-hidden>…</span>}
      {folds && (
        <button type="button" className={styles.more} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : `Show all (${formatBytes(text.length)})`}
        </button>
      )}
    </div>
  );
}

// Lines of code keep their length: broken ones cannot be read. They scroll instead, by key too.
function Code({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <pre tabIndex={0} className={styles.lines}>
      {text}
    </pre>
  );
}
