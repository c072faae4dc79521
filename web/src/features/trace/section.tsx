import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '@/base/class_names';
import { formatCount } from '@/base/format';
import { preferences, usePreferences } from '@/base/preferences';
import styles from './section.module.css';

interface SectionProps {
  // Remembered under this name when it is closed.
  name: string;
  title: string;
  count?: number;
  note?: ReactNode;
  children: ReactNode;
}

export function Section({ name, title, count, note, children }: SectionProps) {
  const id = useId();
  const { closed_sections } = usePreferences();
  const open = !closed_sections.includes(name);
  const toggle = () =>
    preferences.update({
      closed_sections: open ? [...closed_sections, name] : closed_sections.filter((other) => other !== name),
    });
  return (
    <section className={styles.section}>
      <h3>
        <button
          type="button"
          className={styles.title}
          aria-expanded={open}
          aria-controls={id}
          onClick={toggle}
        >
          <ChevronRight size={12} aria-hidden className={cx(open && styles.open)} />
          {title}
          {count !== undefined && <span className={styles.count}>{formatCount(count)}</span>}
          {note !== undefined && <span className={styles.note}>{note}</span>}
        </button>
      </h3>
      {open && (
        <div id={id} className={styles.body}>
          {children}
        </div>
      )}
    </section>
  );
}
