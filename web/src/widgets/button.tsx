import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from '@/base/class_names';
import styles from './button.module.css';
import { Tooltip } from './tooltip';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: 'plain' | 'quiet' | 'primary';
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = 'plain', className, ...rest }: ButtonProps) {
  return <button type="button" className={cx(styles.button, styles[tone], className)} {...rest} />;
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  shortcut?: string;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

// A button that is only an icon: its label is the tooltip and the screen reader's name.
export function IconButton({ label, shortcut, className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button type="button" aria-label={label} className={cx(styles.icon, className)} {...rest}>
        {children}
      </button>
    </Tooltip>
  );
}
