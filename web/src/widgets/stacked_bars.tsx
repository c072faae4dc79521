import 'uplot/dist/uPlot.min.css';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { useSize } from '@/base/hooks';
import { resolveColors, useDark } from '@/base/theme';
import styles from './stacked_bars.module.css';
import { timeLabels } from './time_axis';

export interface BarLayer {
  // A token; layers are stacked in their order, from the axis up.
  color: string;
  values: readonly number[];
}

interface StackedBarsProps {
  label: string;
  // Where each bar begins, in seconds since the epoch, and how many seconds it spans.
  starts: readonly number[];
  step: number;
  layers: readonly BarLayer[];
  // An amount on the axis, where labels lie `apart` from each other.
  format: (value: number, apart: number) => string;
  // What the tooltip says of a bar; null for a bar that is not worth one.
  describe: (index: number) => ReactNode;
  onOpen: (index: number) => void;
}

const kHeight = 196;
const kLeft = 64;
const kTop = 12;
const kRight = 20; // half of a label under the last bar

// Amounts over time, stacked. A table beside it holds the same facts for those who cannot see it.
export function StackedBars(props: StackedBarsProps) {
  // The chart keeps resolved colours: another theme is another chart.
  return <Chart key={useDark() ? 'dark' : 'light'} {...props} />;
}

interface Drawing {
  starts: readonly number[];
  step: number;
  layers: readonly BarLayer[];
  format: StackedBarsProps['format'];
  top: number;
}

function Chart({ label, starts, step, layers, format, describe, onOpen }: StackedBarsProps) {
  const [box, size] = useSize<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const drawing = useMemo<Drawing>(
    () => ({ starts, step, layers, format, top: topOf(starts.length, layers) }),
    [starts, step, layers, format],
  );
  const latest = useRef(drawing);
  const plot = useRef<uPlot | null>(null);
  const width = Math.floor(size.width);

  useEffect(() => {
    const host = box.current;
    if (host === null || width === 0) return;
    const chart = new uPlot(optionsOf(width, latest), [[0], [1]], host);
    plot.current = chart;
    return () => {
      chart.destroy();
      plot.current = null;
    };
  }, [box, width]);

  useEffect(() => {
    latest.current = drawing;
    // uPlot only needs to hear that something changed: scales and bars come from `latest`.
    if (width > 0) plot.current?.setData([[...drawing.starts], drawing.starts.map(() => null)]);
  }, [drawing, width]);

  const inner = width - kLeft - kRight;
  function barAt(event: React.PointerEvent): number | null {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    const index = Math.floor(((event.clientX - left - kLeft) / inner) * starts.length);
    return index >= 0 && index < starts.length ? index : null;
  }

  const said = hovered === null ? null : describe(hovered);
  const bar = inner / Math.max(starts.length, 1);
  const middle = kLeft + ((hovered ?? 0) + 0.5) * bar;
  return (
    <div className={styles.bars}>
      {said !== null && (
        <i aria-hidden className={styles.band} style={{ left: middle - bar / 2, width: bar }} />
      )}
      <div
        ref={box}
        role="img"
        aria-label={label}
        className={styles.chart}
        style={{ height: kHeight, cursor: said === null ? 'default' : 'pointer' }}
        onPointerMove={(event) => setHovered(barAt(event))}
        onPointerLeave={() => setHovered(null)}
        onPointerUp={(event) => {
          const index = barAt(event);
          if (index !== null && describe(index) !== null) onOpen(index);
        }}
      />
      {said !== null && (
        <div
          aria-hidden
          className={styles.tip}
          style={{
            left: middle,
            transform: middle > width * 0.6 ? 'translateX(calc(-100% - 14px))' : 'translateX(14px)',
          }}
        >
          {said}
        </div>
      )}
    </div>
  );
}

// The highest bar, with air above it.
function topOf(count: number, layers: readonly BarLayer[]): number {
  let top = 0;
  for (let index = 0; index < count; index++) {
    top = Math.max(
      top,
      layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0),
    );
  }
  return top > 0 ? top * 1.06 : 1;
}

function optionsOf(width: number, latest: { readonly current: Drawing }): uPlot.Options {
  const [text, grid] = resolveColors(['--text-3', '--line-faint']) as [string, string];
  const font = '11px "Inter Variable", system-ui, sans-serif';
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  return {
    width,
    height: kHeight,
    padding: [kTop, kRight, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => rangeOf(latest.current) },
      y: { range: () => [0, latest.current.top] },
    },
    axes: [
      { ...axis, size: 24, space: 90, values: timeLabels, grid: { show: false } },
      {
        ...axis,
        size: kLeft,
        gap: 8,
        space: 38,
        values: (_chart, splits) => {
          const apart = (splits[1] ?? 0) - (splits[0] ?? 0);
          return splits.map((value) => latest.current.format(value, apart));
        },
      },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [(chart) => drawBars(chart, latest.current)] },
  };
}

function rangeOf({ starts, step }: Drawing): [number, number] {
  const first = starts[0] ?? 0;
  return [first, (starts.at(-1) ?? first) + step];
}

const kGap = 2;

// In device pixels, on whole ones: blurred edges would show as stripes between the layers.
function drawBars(chart: uPlot, { starts, step, layers }: Drawing): void {
  const { ctx } = chart;
  const colors = resolveColors(layers.map((layer) => layer.color));
  const at = (value: number) => Math.round(chart.valToPos(value, 'y', true));
  ctx.save();
  starts.forEach((start, index) => {
    const left = Math.round(chart.valToPos(start, 'x', true));
    const right = Math.round(chart.valToPos(start + step, 'x', true));
    const width = Math.max(right - left - (right - left > 4 * kGap ? kGap : 0), 1);
    let below = 0;
    layers.forEach((layer, place) => {
      const value = layer.values[index] ?? 0;
      if (value <= 0) return;
      const bottom = at(below);
      below += value;
      // The smallest amount still shows.
      const height = Math.max(bottom - at(below), below === value ? devicePixelRatio : 0);
      ctx.fillStyle = colors[place] ?? '';
      ctx.fillRect(left, bottom - height, width, height);
    });
  });
  ctx.restore();
}
