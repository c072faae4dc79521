import type { CSSProperties } from 'react';
import styles from './skeleton.module.css';

// A place for text that is still on its way. Screen readers hear about it from the region that
// is busy, not from each bar.
export function Skeleton({ width, height = 10 }: { width: CSSProperties['width']; height?: number }) {
  return <span aria-hidden className={styles.bar} style={{ width, height }} />;
}
