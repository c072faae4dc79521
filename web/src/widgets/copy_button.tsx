import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { cx } from '@/base/class_names';
import { copyText } from '@/base/clipboard';
import { Button, IconButton } from './button';
import styles from './copy_button.module.css';

interface CopyButtonProps {
  // What the button copies, in words: "Copy trace id".
  label: string;
  // Made when asked for: a span as JSON can be large.
  text: () => string;
  className?: string | undefined;
  children?: ReactNode;
}

const kSaidFor = 1600;

export function CopyButton({ label, text, className, children }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), kSaidFor);
    return () => clearTimeout(timer);
  }, [state]);

  function copy() {
    copyText(text()).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  }

  const said = { idle: label, copied: 'Copied', failed: 'The browser refused to copy' }[state];
  const icon =
    state === 'copied' ? (
      <Check size={13} aria-hidden className={styles.done} />
    ) : (
      <Copy size={13} aria-hidden />
    );
  if (children !== undefined) {
    return (
      <Button tone="quiet" className={className} aria-label={said} onClick={copy}>
        {icon}
        {state === 'idle' ? children : said}
      </Button>
    );
  }
  return (
    <IconButton label={said} className={cx(styles.small, className)} onClick={copy}>
      {icon}
    </IconButton>
  );
}
