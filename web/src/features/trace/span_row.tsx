import { ChevronRight, CircleAlert, CircleDashed } from 'lucide-react';
import { memo } from 'react';
import { cx } from '@/base/class_names';
import { formatDuration } from '@/base/duration';
import { formatCompact } from '@/base/format';
import { serviceColor } from '@/components/service_color';
import styles from './span_row.module.css';
import { isOrigin, kCycle, kError, kErrorBelow, kOrphan, selfStretches, type TraceTree } from './tree';
import type { TimeView } from './url_state';

interface SpanRowProps {
  tree: TraceTree;
  position: number;
  view: TimeView;
  // Width of the time column in pixels.
  track: number;
  indent: number;
  selected: boolean;
  found: boolean;
  collapsed: boolean;
  onToggle: (position: number) => void;
  onSelect: (position: number) => void;
}

export function rowId(position: number): string {
  return `span-row-${position}`;
}

// What a screen reader says of the row after its name; the cells are for the eye.
function describe(tree: TraceTree, position: number): string {
  const span = tree.spans[position]!;
  const length = tree.end[position]! - tree.start[position]!;
  const error = tree.flags[position]! & kError ? ', error' : '';
  return ` ${span.service}, ${formatDuration(length)}${error}`;
}

// The names are memoised on what they show: while the list scrolls or the selection moves, a row
// that stays the same is not drawn again.
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { tree, position, selected, found, collapsed, onToggle, onSelect } = props;
  const parent = tree.size[position]! > 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and handles the keys
    <div
      id={rowId(position)}
      role="treeitem"
      tabIndex={-1}
      aria-level={tree.depth[position]! + 1}
      aria-selected={selected}
      aria-expanded={parent ? !collapsed : undefined}
      data-span-id={tree.spans[position]!.spanId}
      className={cx(styles.row, selected && styles.selected, found && styles.found)}
      onClick={() => onSelect(position)}
    >
      <NameCell {...props} parent={parent} onToggle={onToggle} />
      <TimeCell {...props} />
    </div>
  );
});

function NameCell({
  tree,
  position,
  indent,
  collapsed,
  parent,
  onToggle,
}: SpanRowProps & { parent: boolean }) {
  const span = tree.spans[position]!;
  const flags = tree.flags[position]!;
  const above = tree.parent[position]!;
  const same_service = above >= 0 && tree.spans[above]!.service === span.service;
  const below = tree.size[position]! - 1;
  const hidden_error = collapsed && (flags & kErrorBelow) !== 0;
  return (
    <div className={styles.name}>
      <span
        aria-hidden
        className={styles.guides}
        style={{ width: tree.depth[position]! * indent, backgroundSize: `${indent}px 100%` }}
      />
      {parent ? (
        <button
          type="button"
          // For the pointer alone: the tree itself takes the keys and says what is expanded.
          tabIndex={-1}
          aria-hidden
          className={cx(styles.fold, !collapsed && styles.open)}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(position);
          }}
        >
          <ChevronRight size={12} aria-hidden />
        </button>
      ) : (
        <span className={styles.leaf} />
      )}
      <i aria-hidden className={styles.strip} style={{ background: serviceColor(span.service) }} />
      <span className={cx(styles.text, (flags & kError) !== 0 && styles.failed)}>
        {span.name || 'unnamed span'}
      </span>
      <span className="visually-hidden">{describe(tree, position)}</span>
      {(flags & (kOrphan | kCycle)) !== 0 && (
        <span
          aria-hidden
          title={flags & kOrphan ? 'Its parent did not arrive' : 'Its parents form a circle'}
          className={styles.orphan}
        >
          <CircleDashed size={12} aria-hidden />
        </span>
      )}
      {((flags & kError) !== 0 || hidden_error) && (
        <CircleAlert
          size={12}
          aria-hidden
          className={cx(styles.error, (flags & kError) === 0 && styles.inner)}
        />
      )}
      {collapsed && (
        <span aria-hidden className={styles.count}>
          +{formatCompact(below)}
        </span>
      )}
      {!same_service && (
        <span aria-hidden className={styles.service}>
          {span.service}
        </span>
      )}
    </div>
  );
}

// Beyond this many times the view a bar fills it, whatever its own ends.
const kBarMax = 40;

function TimeCell({ tree, position, view, track }: SpanRowProps) {
  const span = tree.spans[position]!;
  const range = view.to - view.from;
  const from = (tree.start[position]! - view.from) / range;
  const to = (tree.end[position]! - view.from) / range;
  if (to < 0 || from > 1) return null;
  const huge = to - from > kBarMax;
  const left = huge ? Math.max(from, -1) : from;
  const width = huge ? Math.min(to, 2) - left : to - from;
  const failed = (tree.flags[position]! & kError) !== 0;
  const leaf = tree.size[position]! === 1;
  const color = isOrigin(tree, position) ? 'var(--error-bar)' : serviceColor(span.service);
  return (
    <>
      <div className={styles.time}>
        <div
          className={cx(styles.bar, leaf && styles.solid)}
          style={{ left: `${left * 100}%`, width: `${width * 100}%`, '--bar': color } as React.CSSProperties}
        >
          {!leaf && !huge && (
            <SelfTime stretches={selfStretches(tree, position, 1 / Math.max(width * track, 1))} />
          )}
        </div>
      </div>
      <span
        aria-hidden
        className={cx(styles.label, failed && styles.failed)}
        style={{ left: `calc(var(--name-width) + ${(Math.min(to, 1) * track).toFixed(1)}px)` }}
      >
        {formatDuration(tree.end[position]! - tree.start[position]!)}
      </span>
    </>
  );
}

// One path for all stretches: a bar costs the same few nodes however many children it has.
function SelfTime({ stretches }: { stretches: [number, number][] }) {
  if (stretches.length === 0) return null;
  const path = stretches.map(
    ([from, to]) => `M${(from * 1000).toFixed(2)} 0H${(to * 1000).toFixed(2)}V1H${(from * 1000).toFixed(2)}z`,
  );
  return (
    <svg aria-hidden="true" viewBox="0 0 1000 1" preserveAspectRatio="none">
      <path d={path.join('')} />
    </svg>
  );
}
