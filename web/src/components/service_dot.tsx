import { serviceColor } from './service_color';
import styles from './service_dot.module.css';

// The service's colour; its name stands beside it or in `title`.
export function ServiceDot({ name, size = 8 }: { name: string; size?: number }) {
  return (
    <i
      aria-hidden
      className={styles.dot}
      style={{ background: serviceColor(name), width: size, height: size }}
    />
  );
}
