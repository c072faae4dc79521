import * as Radix from '@radix-ui/react-popover';
import type { ReactNode } from 'react';
import { cx } from '@/base/class_names';
import styles from './popover.module.css';

interface PopoverProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  trigger: ReactNode;
  label: string;
  align?: 'start' | 'center' | 'end';
  className?: string | undefined;
  children: ReactNode;
}

export function Popover({
  open,
  onOpenChange,
  trigger,
  label,
  align = 'start',
  className,
  children,
}: PopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          className={cx(styles.content, className)}
          align={align}
          sideOffset={6}
          collisionPadding={12}
          data-layer="open"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
