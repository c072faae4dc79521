import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { formatDuration } from '@/base/duration';
import { useSize } from '@/base/hooks';
import { resolveColors, useDark } from '@/base/theme';
import { kColorCount } from '@/components/palette';
import { serviceSlot } from '@/components/service_color';
import styles from './minimap.module.css';
import { isOrigin, type TraceTree } from './tree';
import type { TimeView } from './url_state';

interface MinimapProps {
  tree: TraceTree;
  view: TimeView;
  // The rows in sight, as fractions of the whole height.
  rows_from: number;
  rows_to: number;
  onView: (view: TimeView | null) => void;
}

const kHeight = 52;
// A drag shorter than this many pixels is a click.
const kDragLeast = 4;

// The whole trace at a glance: every span a line in its service's colour. Dragging chooses the
// time in view; a click shows all of it again.
export function Minimap({ tree, view, rows_from, rows_to, onView }: MinimapProps) {
  const [box, size] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const width = Math.floor(size.width);
  const dark = useDark();
  const colors = useMemo(() => ({ dark, list: resolveColors(kTokens) }), [dark]);

  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, width, tree, colors.list);
  }, [tree, width, colors]);

  const fractionAt = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined || rect.width === 0) return 0;
    return Math.min(Math.max((event.clientX - rect.left) / rect.width, 0), 1);
  };

  function onPointerUp() {
    if (drag === null) return;
    const [from, to] = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
    setDrag(null);
    if ((to - from) * width < kDragLeast) onView(null);
    else onView({ from: Math.floor(from * tree.length), to: Math.ceil(to * tree.length) });
  }

  const whole = view.from === 0 && view.to === tree.length;
  const shown = drag ?? [view.from / tree.length, view.to / tree.length];
  const left = Math.min(shown[0], shown[1]);
  const right = Math.max(shown[0], shown[1]);
  return (
    <div
      ref={box}
      role="img"
      aria-label={`Overview of ${formatDuration(tree.length)}. The keys z and 0 zoom to the selected span and back.`}
      className={styles.map}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = fractionAt(event);
        setDrag([at, at]);
      }}
      onPointerMove={(event) => drag !== null && setDrag([drag[0], fractionAt(event)])}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
    >
      <canvas ref={canvas} style={{ width, height: kHeight }} />
      {rows_to - rows_from < 1 && (
        <i
          className={styles.rows}
          style={{ top: `${rows_from * 100}%`, height: `${(rows_to - rows_from) * 100}%` }}
        />
      )}
      {(!whole || drag !== null) && (
        <>
          <i className={styles.shade} style={{ left: 0, width: `${left * 100}%` }} />
          <i className={styles.shade} style={{ right: 0, width: `${(1 - right) * 100}%` }} />
          <i
            className={styles.window}
            style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
          />
        </>
      )}
    </div>
  );
}

const kTokens = [...Array.from({ length: kColorCount }, (_, slot) => `--service-${slot}`), '--error-bar'];

// Spans of one colour are drawn together: changing the fill for each of 100,000 costs more than
// the rectangles do. Errors come last, on top.
function draw(canvas: HTMLCanvasElement, width: number, tree: TraceTree, colors: readonly string[]): void {
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = kHeight * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const groups: number[][] = colors.map(() => []);
  for (let position = 0; position < tree.count; position++) {
    const failed = isOrigin(tree, position);
    groups[failed ? kColorCount : serviceSlot(tree.spans[position]!.service)]!.push(position);
  }
  const row = canvas.height / tree.count;
  const thick = Math.max(Math.min(row - ratio * 0.5, 4 * ratio), ratio * 0.75);
  groups.forEach((group, slot) => {
    context.fillStyle = colors[slot]!;
    for (const position of group) {
      const x = (tree.start[position]! / tree.length) * canvas.width;
      const length = ((tree.end[position]! - tree.start[position]!) / tree.length) * canvas.width;
      context.fillRect(x, position * row + (row - thick) / 2, Math.max(length, ratio), thick);
    }
  });
}
