import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { formatCompact, formatDollars, plural } from '@/base/format';
import { formatClock, formatDay, formatRfc3339, nowNanos } from '@/base/time';
import { modelToken } from '@/components/model_color';
import { kOtherToken, ModelMark } from '@/components/model_mark';
import { Segmented } from '@/widgets/segmented';
import { Skeleton } from '@/widgets/skeleton';
import { StackedBars } from '@/widgets/stacked_bars';
import { amountText, axisText } from './amounts';
import { callsBehind } from './calls_behind';
import styles from './cost_chart.module.css';
import { type Layer, layersOf } from './series';
import { barStarts } from './times';
import type { CostsSearch, Measure } from './url_state';
import type { Costs } from './use_costs';

interface CostChartProps {
  costs: Costs;
  search: CostsSearch;
  onMeasure: (measure: Measure) => void;
}

const kOther = 'other models';
const nameOf = (layer: Layer) => (layer.model === null ? kOther : layer.model || 'no model told');

export function CostChart({ costs, search, onMeasure }: CostChartProps) {
  const measure = search.chart ?? 'cost';
  const { steps, steps_by_model } = costs;
  const ready = steps.data !== undefined && steps_by_model.data !== undefined;
  return (
    <section className={styles.section} aria-labelledby="over-time">
      <header className={styles.header}>
        <h2 id="over-time">{kTitles[measure]} over time</h2>
        <Segmented
          label="Bars show"
          value={measure}
          options={[
            { value: 'cost', label: 'Cost' },
            { value: 'tokens', label: 'Tokens' },
            { value: 'calls', label: 'Calls' },
          ]}
          onChange={onMeasure}
        />
      </header>
      {ready ? (
        <Bars costs={costs} search={search} measure={measure} />
      ) : (
        <div className={styles.empty}>
          {!steps.isError && !steps_by_model.isError && <Skeleton width="92%" />}
        </div>
      )}
    </section>
  );
}

const kTitles: Record<Measure, string> = { cost: 'Cost', tokens: 'Tokens', calls: 'Model calls' };

function Bars({ costs, search, measure }: { costs: Costs; search: CostsSearch; measure: Measure }) {
  const navigate = useNavigate();
  const { times, steps, steps_by_model } = costs;
  const starts = useMemo(() => barStarts(times), [times]);
  const layers = useMemo(
    () => layersOf(starts, steps.data?.items ?? [], steps_by_model.data?.items ?? [], measure),
    [starts, steps.data, steps_by_model.data, measure],
  );
  const seconds = useMemo(() => starts.map((start) => Number(start / 1_000_000_000n)), [starts]);
  const drawn = useMemo(
    () =>
      layers.map(({ model, values }) => ({
        color: model === null ? kOtherToken : modelToken(model),
        values,
      })),
    [layers],
  );
  const format = useCallback((value: number, apart: number) => axisText(value, apart, measure), [measure]);
  if (layers.length === 0) return <p className={styles.empty}>{kNothing[measure]}</p>;

  function open(index: number) {
    const start = starts[index]!;
    const ends = { start: formatRfc3339(start), end: formatRfc3339(start + times.step) };
    const { range: _, ...rest } = search;
    navigate({ to: '/calls', search: callsBehind({ ...rest, ...ends }, { sort: 'cost' }) });
  }

  return (
    <>
      <StackedBars
        label={`Chart: ${kTitles[measure].toLowerCase()} over time by model. The table below holds the sums.`}
        starts={seconds}
        step={Number(times.step / 1_000_000_000n)}
        layers={drawn}
        format={format}
        describe={(index) => describeBar(layers, index, starts[index], times.step, measure)}
        onOpen={open}
      />
      <ul className={styles.legend} aria-label="Models in the chart">
        {layers.map((layer) => (
          <li key={layer.model ?? kOther}>
            <ModelMark model={layer.model} />
            <span className={styles.model}>{nameOf(layer)}</span>
            <span className={styles.amount}>{amountText(layer.sum, measure)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const kNothing: Record<Measure, string> = {
  cost: 'No call of this range has a cost.',
  tokens: 'No call of this range told its tokens.',
  calls: 'No model was called in this range.',
};

function describeBar(
  layers: readonly Layer[],
  index: number,
  start: bigint | undefined,
  step: bigint,
  measure: Measure,
) {
  const parts = layers.filter((layer) => (layer.values[index] ?? 0) > 0);
  if (parts.length === 0 || start === undefined) return null;
  const sum = parts.reduce((total, layer) => total + (layer.values[index] ?? 0), 0);
  return (
    <>
      <p className={styles.when}>
        {formatDay(start, nowNanos())} {formatClock(start).slice(0, 8)} –{' '}
        {formatClock(start + step).slice(0, 8)}
      </p>
      <p className={styles.sum}>{measure === 'calls' ? plural(sum, 'call') : wordsOf(sum, measure)}</p>
      <ul className={styles.parts}>
        {[...parts].reverse().map((layer) => (
          <li key={layer.model ?? kOther}>
            <ModelMark model={layer.model} />
            <span className={styles.model}>{nameOf(layer)}</span>
            <span className={styles.amount}>{amountText(layer.values[index] ?? 0, measure)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function wordsOf(sum: number, measure: Measure): string {
  return measure === 'cost' ? formatDollars(sum) : `${formatCompact(sum)} tokens`;
}
