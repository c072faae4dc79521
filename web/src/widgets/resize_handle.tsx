import type { KeyboardEvent, PointerEvent } from 'react';
import { cx } from '@/base/class_names';
import styles from './resize_handle.module.css';

interface ResizeHandleProps {
  label: string;
  value: number;
  min: number;
  max: number;
  // +1: dragging right grows the value; -1: it shrinks it.
  direction: 1 | -1;
  onChange: (value: number) => void;
  className?: string | undefined;
}

const kKeyStep = 24;

// A vertical line that can be dragged, or moved with the arrow keys when it has the focus.
export function ResizeHandle({ label, value, min, max, direction, onChange, className }: ResizeHandleProps) {
  const set = (next: number) => onChange(Math.round(Math.min(Math.max(next, min), max)));

  function onPointerDown(event: PointerEvent<HTMLDivElement>) {
    event.preventDefault();
    const from = event.clientX;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const onMove = (move: globalThis.PointerEvent) => set(value + direction * (move.clientX - from));
    target.addEventListener('pointermove', onMove);
    target.addEventListener('lostpointercapture', () => target.removeEventListener('pointermove', onMove), {
      once: true,
    });
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowRight' ? kKeyStep : event.key === 'ArrowLeft' ? -kKeyStep : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    set(value + direction * step);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> cannot be focused and dragged as a splitter
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={Math.round(max)}
      tabIndex={0}
      className={cx(styles.handle, className)}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
