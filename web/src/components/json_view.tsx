import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { cx } from '@/base/class_names';
import styles from './json_view.module.css';

// Pretty JSON whose objects and arrays fold. What is deep or long starts folded, so that a large
// value opens as quickly as a small one.
const kOpenDepth = 3;
const kOpenItems = 40;
const kItemsMax = 200;
const kTextMax = 400;

export function JsonView({ value }: { value: unknown }) {
  return (
    <div className={styles.view}>
      <Node name={null} value={value} depth={0} last />
    </div>
  );
}

interface NodeProps {
  name: string | null;
  value: unknown;
  depth: number;
  last: boolean;
}

function Node(props: NodeProps) {
  return typeof props.value === 'object' && props.value !== null ? (
    <Branch {...props} />
  ) : (
    <Leaf {...props} />
  );
}

function Name({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <>
      <span className={styles.key}>{name}</span>
      <span className={styles.mark}>: </span>
    </>
  );
}

function Leaf({ name, value, last }: NodeProps) {
  const kind =
    typeof value === 'string' ? styles.string : typeof value === 'number' ? styles.number : styles.word;
  return (
    <div className={styles.line}>
      <Name name={name} />
      {typeof value === 'string' ? <LongText text={value} /> : <span className={kind}>{String(value)}</span>}
      {!last && <span className={styles.mark}>,</span>}
    </div>
  );
}

function LongText({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const cut = !open && text.length > kTextMax;
  return (
    <span className={styles.string}>
      "{cut ? text.slice(0, kTextMax) : text}"
      {cut && (
        <button type="button" className={styles.more} onClick={() => setOpen(true)}>
          … show all
        </button>
      )}
    </span>
  );
}

function Branch({ name, value, depth, last }: NodeProps) {
  const list = Array.isArray(value);
  const entries: [string | null, unknown][] = list
    ? value.map((item) => [null, item])
    : Object.entries(value as Record<string, unknown>);
  const [open, setOpen] = useState(depth < kOpenDepth && entries.length <= kOpenItems);
  const [shown, setShown] = useState(kItemsMax);
  const [left, right] = list ? ['[', ']'] : ['{', '}'];
  const comma = last ? '' : ',';
  if (entries.length === 0) {
    return (
      <div className={styles.line}>
        <Name name={name} />
        <span className={styles.mark}>{`${left}${right}${comma}`}</span>
      </div>
    );
  }
  return (
    <div>
      <div className={styles.line}>
        <button
          type="button"
          className={cx(styles.fold, open && styles.open)}
          aria-expanded={open}
          aria-label={open ? 'Fold' : 'Unfold'}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={11} aria-hidden />
        </button>
        <Name name={name} />
        <span className={styles.mark}>{left}</span>
        {!open && (
          <button type="button" className={styles.more} onClick={() => setOpen(true)}>
            {entries.length} {list ? 'items' : 'keys'}
          </button>
        )}
        {!open && <span className={styles.mark}>{`${right}${comma}`}</span>}
      </div>
      {open && (
        <>
          <div className={styles.children}>
            {entries.slice(0, shown).map(([key, item], index) => (
              <Node
                key={key ?? index}
                name={key}
                value={item}
                depth={depth + 1}
                last={index === entries.length - 1}
              />
            ))}
            {entries.length > shown && (
              <button type="button" className={styles.more} onClick={() => setShown(shown + kItemsMax * 5)}>
                … {entries.length - shown} more
              </button>
            )}
          </div>
          <div className={cx(styles.line, styles.mark)}>{`${right}${comma}`}</div>
        </>
      )}
    </div>
  );
}
