import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useMemo } from 'react';
import { formatDuration } from '@/base/duration';
import { preferences, usePreferences } from '@/base/preferences';
import { ResizeHandle } from '@/widgets/resize_handle';
import { rowId, SpanRow } from './span_row';
import { ticksOf } from './ticks';
import { rowOf, type TraceTree } from './tree';
import type { TimeView } from './url_state';
import styles from './waterfall.module.css';

const kRowHeight = 28;
const kNameMin = 160;
const kTickWidth = 92;
const kLabelWidth = 76;
const kIndent = 14;
const kIndentDeep = 5;
const kDeep = 24;

interface WaterfallProps {
  tree: TraceTree;
  rows: Int32Array;
  view: TimeView;
  selected: number;
  found: ReadonlySet<number>;
  collapsed: ReadonlySet<string>;
  scroller: RefObject<HTMLDivElement | null>;
  // Width of the whole waterfall in pixels.
  width: number;
  // What stands above the names: the search field.
  corner: React.ReactNode;
  onToggle: (position: number) => void;
  onSelect: (position: number) => void;
  onScroll: (from: number, to: number) => void;
}

export function Waterfall(props: WaterfallProps) {
  const {
    tree,
    rows,
    view,
    selected,
    found,
    collapsed,
    scroller,
    width,
    corner,
    onToggle,
    onSelect,
    onScroll,
  } = props;
  const wanted = usePreferences().name_width || Math.min(Math.max(width * 0.3, 300), 460);
  const name_width = Math.max(Math.min(wanted, width * 0.6), Math.min(kNameMin, width * 0.45));
  const track = Math.max(width - name_width - kLabelWidth, 1);
  const indent = tree.depth_max > kDeep ? kIndentDeep : kIndent;
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 12,
    getItemKey: (row) => rows[row] ?? row,
  });
  useSelectionInView(list, rows, selected);

  const shown = list.getVirtualItems();
  const first = list.range?.startIndex ?? 0;
  const last = (list.range?.endIndex ?? 0) + 1;
  useEffect(() => onScroll(first / rows.length, last / rows.length), [onScroll, first, last, rows]);

  const ticks = useMemo(() => ticksOf(view.from, view.to, kTickWidth / track), [view, track]);
  const placeOf = (tick: number) => `${((tick - view.from) / (view.to - view.from)) * 100}%`;
  return (
    <div
      className={styles.waterfall}
      style={
        { '--name-width': `${name_width}px`, '--label-width': `${kLabelWidth}px` } as React.CSSProperties
      }
    >
      <div className={styles.head}>
        <div className={styles.corner}>{corner}</div>
        <div className={styles.axis} aria-hidden>
          {ticks.map((tick) => (
            <span key={tick} style={{ left: placeOf(tick) }}>
              {tick === 0
                ? '0'
                : formatDuration(tick)
                    .replace(/(\.\d*?)0+ /, '$1 ')
                    .replace('. ', ' ')}
            </span>
          ))}
        </div>
        <ResizeHandle
          label="Width of the names"
          className={styles.splitter}
          value={name_width}
          min={kNameMin}
          max={width * 0.6}
          direction={1}
          onChange={(name_width) => preferences.update({ name_width })}
        />
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        aria-activedescendant={selected >= 0 ? rowId(selected) : undefined}
      >
        <div className={styles.rows} style={{ height: list.getTotalSize() + kRowHeight }}>
          <div className={styles.grid} aria-hidden>
            {ticks.map((tick) => (
              <i key={tick} style={{ left: placeOf(tick) }} />
            ))}
          </div>
          {shown.map((item) => {
            const position = rows[item.index];
            if (position === undefined) return null;
            return (
              <div
                key={item.key}
                role="none"
                className={styles.slot}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <SpanRow
                  tree={tree}
                  position={position}
                  view={view}
                  track={track}
                  indent={indent}
                  selected={position === selected}
                  found={found.has(position)}
                  collapsed={collapsed.has(tree.spans[position]!.spanId) && tree.size[position]! > 1}
                  onToggle={onToggle}
                  onSelect={onSelect}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

type List = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

// Shows the selection when it changes; opening and folding others leaves the view where it is.
// A step scrolls by a row, a jump puts the span into the middle.
function useSelectionInView(list: List, rows: Int32Array, selected: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (selected < 0) return;
    const row = rowOf(rows, selected);
    if (row < 0) return;
    const { startIndex, endIndex } = list.range ?? { startIndex: 0, endIndex: 0 };
    const step = row >= startIndex - 1 && row <= endIndex + 1;
    list.scrollToIndex(row, { align: step ? 'auto' : 'center' });
  }, [selected]);
}
