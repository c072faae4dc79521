import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button';
import styles from './notice.module.css';

interface ErrorNoticeProps {
  message: string;
  hint: string;
  onRetry?: () => void;
  children?: ReactNode;
}

// What failed, what to do about it, and a way to try again.
export function ErrorNotice({ message, hint, onRetry, children }: ErrorNoticeProps) {
  return (
    <div role="alert" className={styles.error}>
      <CircleAlert size={16} aria-hidden className={styles.icon} />
      <div>
        <p className={styles.message}>{message}</p>
        {hint !== '' && <p className={styles.hint}>{hint}</p>}
        <div className={styles.actions}>
          {onRetry !== undefined && (
            <Button onClick={onRetry}>
              <RotateCw size={12} aria-hidden />
              Try again
            </Button>
          )}
          {children}
        </div>
      </div>
    </div>
  );
}
