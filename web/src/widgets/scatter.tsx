import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { useSize } from '@/base/hooks';
import { resolveColors, useDark } from '@/base/theme';
import styles from './scatter.module.css';
import { timeLabels } from './time_axis';

export interface ScatterPoint {
  key: string;
  // Seconds since the epoch; what uPlot's time axis counts in.
  x: number;
  // Nanoseconds.
  y: number;
  color: string;
  strong: boolean;
}

interface ScatterProps {
  label: string;
  points: readonly ScatterPoint[];
  x_min: number;
  x_max: number;
  // The point shown with a ring, such as the row under the pointer.
  marked: string | null;
  onHover: (key: string | null) => void;
  onOpen: (key: string) => void;
  // What the tooltip says of a point.
  describe: (key: string) => React.ReactNode;
}

const kHeight = 132;
const kReach = 14;

// Durations over time on a logarithmic scale. The list under it holds the same facts for those
// who cannot see it.
export function Scatter(props: ScatterProps) {
  // The chart keeps resolved colours: another theme is another chart.
  return <Chart key={useDark() ? 'dark' : 'light'} {...props} />;
}

function Chart({ label, points, x_min, x_max, marked, onHover, onOpen, describe }: ScatterProps) {
  const [box, size] = useSize<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const drawn = useRef(points);
  const [places, setPlaces] = useState<ReadonlyMap<string, [number, number]>>(new Map());
  const width = Math.floor(size.width);

  const data = useMemo(() => dataOf(points), [points]);
  const scales = useMemo(() => scalesOf(points, x_min, x_max), [points, x_min, x_max]);
  const latest = useRef(scales);

  useEffect(() => {
    const host = box.current;
    if (host === null || width === 0) return;
    const chart = new uPlot(optionsOf(width, drawn, latest, setPlaces), [[0], [1]], host);
    plot.current = chart;
    return () => {
      chart.destroy();
      plot.current = null;
    };
  }, [box, width]);

  useEffect(() => {
    drawn.current = points;
    latest.current = scales;
    if (width > 0 && plot.current !== null) plot.current.setData(data);
  }, [points, data, scales, width]);

  function nearest(event: React.PointerEvent | React.MouseEvent): string | null {
    const over = box.current?.querySelector('.u-over')?.getBoundingClientRect();
    if (over === undefined) return null;
    const x = event.clientX - over.left;
    const y = event.clientY - over.top;
    let best: string | null = null;
    let reach = kReach * kReach;
    for (const [key, [px, py]] of places) {
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < reach) {
        reach = distance;
        best = key;
      }
    }
    return best;
  }

  const place = marked === null ? undefined : places.get(marked);
  return (
    <div className={styles.scatter}>
      <div
        ref={box}
        role="img"
        aria-label={label}
        className={styles.chart}
        style={{ height: kHeight, cursor: place === undefined ? 'default' : 'pointer' }}
        onPointerMove={(event) => onHover(nearest(event))}
        onPointerLeave={() => onHover(null)}
        onPointerUp={(event) => {
          const key = nearest(event);
          if (key !== null) onOpen(key);
        }}
      />
      {place !== undefined && marked !== null && (
        <Mark x={place[0] + kLeft} y={place[1] + kTop} flip={place[0] > width * 0.6}>
          {describe(marked)}
        </Mark>
      )}
    </div>
  );
}

const kLeft = 56;
const kTop = 10;

function Mark(props: { x: number; y: number; flip: boolean; children: React.ReactNode }) {
  return (
    <>
      <i aria-hidden className={styles.ring} style={{ left: props.x, top: props.y }} />
      <div
        aria-hidden
        className={styles.tip}
        style={{
          left: props.x,
          top: props.y,
          transform: props.flip ? 'translate(calc(-100% - 12px), -50%)' : 'translate(12px, -50%)',
        }}
      >
        {props.children}
      </div>
    </>
  );
}

// uPlot wants ascending x; its own drawing is off, so the y values only size the scale.
function dataOf(points: readonly ScatterPoint[]): uPlot.AlignedData {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  return [sorted.map((point) => point.x), sorted.map((point) => point.y)];
}

interface Scales {
  x: [number, number];
  y: [number, number];
}

// The ends lie on half powers of ten, at least one and a half apart, so that points do not jump
// about as the slowest of them comes and goes.
function scalesOf(points: readonly ScatterPoint[], x_min: number, x_max: number): Scales {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const point of points) {
    low = Math.min(low, point.y);
    high = Math.max(high, point.y);
  }
  if (high === 0) return { x: [x_min, x_max], y: [1e6, 1e9] };
  const bottom = Math.floor((Math.log10(low) - 0.08) * 2) / 2;
  const top = Math.max(Math.ceil((Math.log10(high) + 0.08) * 2) / 2, bottom + 1.5);
  return { x: [x_min, x_max], y: [10 ** bottom, 10 ** top] };
}

function optionsOf(
  width: number,
  points: { readonly current: readonly ScatterPoint[] },
  scales: { readonly current: Scales },
  onPlaces: (places: ReadonlyMap<string, [number, number]>) => void,
): uPlot.Options {
  const [text, grid] = resolveColors(['--text-3', '--line-faint']) as [string, string];
  const font = '11px "Inter Variable", system-ui, sans-serif';
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  return {
    width,
    height: kHeight,
    padding: [kTop, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => scales.current.x },
      y: { distr: 3, log: 10, range: () => scales.current.y },
    },
    axes: [
      { ...axis, size: 24, space: 90, values: timeLabels, grid: { show: false } },
      {
        ...axis,
        size: kLeft,
        gap: 8,
        splits: powersOf,
        filter: (_chart, splits) => splits,
        values: (_chart, splits) => splits.map(powerLabel),
      },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [(chart) => onPlaces(drawPoints(chart, points.current))] },
  };
}

const kPowersMax = 5;

// Whole powers of ten within the scale; every second or third of them where it spans many.
function powersOf(_chart: uPlot, _axis: number, low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.ceil((last - first + 1) / kPowersMax);
  const powers: number[] = [];
  for (let power = first; power <= last; power += step) powers.push(10 ** power);
  return powers;
}

// "100 ms", "10 s", "100 s": powers keep one unit, where formatDuration() would go to minutes.
function powerLabel(nanos: number): string {
  const [divisor, unit] =
    nanos >= 1e9 ? [1e9, 's'] : nanos >= 1e6 ? [1e6, 'ms'] : nanos >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${Math.round(nanos / Number(divisor))} ${unit}`;
}

// Draws in device pixels and answers where each point lies in CSS pixels of the plot area.
function drawPoints(chart: uPlot, points: readonly ScatterPoint[]): Map<string, [number, number]> {
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  const names = [...new Set(points.map((point) => point.color))];
  const colors = new Map(resolveColors(names).map((color, index) => [names[index], color]));
  const places = new Map<string, [number, number]>();
  ctx.save();
  for (const point of points) {
    const x = chart.valToPos(point.x, 'x', true);
    const y = chart.valToPos(point.y, 'y', true);
    if (x < chart.bbox.left - 1 || x > chart.bbox.left + chart.bbox.width + 1) continue;
    ctx.globalAlpha = point.strong ? 0.95 : 0.62;
    ctx.fillStyle = colors.get(point.color) ?? '';
    ctx.beginPath();
    ctx.arc(x, y, (point.strong ? 3.4 : 3) * ratio, 0, Math.PI * 2);
    ctx.fill();
    places.set(point.key, [(x - chart.bbox.left) / ratio, (y - chart.bbox.top) / ratio]);
  }
  ctx.restore();
  return places;
}
