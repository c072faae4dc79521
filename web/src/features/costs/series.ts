import type { CallSum } from '@/api/schemas';
import { tokensOf } from '@/components/call_sums';
import type { Measure } from './url_state';

// Bars stacked by model, from two answers: the sums of each step, and those of each step and model.
// What no layer shows is in "other", because it is taken from the whole of the step: a bar is as
// high as its step even where the second answer was cut short.

export interface Layer {
  // null: all other models.
  model: string | null;
  values: number[];
  sum: number;
}

export const kLayersMax = 8;

export function measureOf(row: CallSum, measure: Measure): number {
  if (measure === 'calls') return row.calls;
  return measure === 'tokens' ? tokensOf(row) : (row.cost.total ?? 0);
}

// A difference of two sums of doubles this small is rounding, not a model.
const kRounding = 1e-9;

export function layersOf(
  starts: readonly bigint[],
  whole: readonly CallSum[],
  by_model: readonly CallSum[],
  measure: Measure,
): Layer[] {
  const place = new Map(starts.map((start, index) => [start, index]));
  const left = new Array<number>(starts.length).fill(0);
  for (const row of whole) {
    const index = place.get(row.start_unix_nano ?? -1n);
    if (index !== undefined) left[index] = measureOf(row, measure);
  }
  const layers = largest(by_model, measure).map((model) => ({
    model,
    values: new Array<number>(starts.length).fill(0),
    sum: 0,
  }));
  const layer_of = new Map(layers.map((layer) => [layer.model, layer]));
  const total = left.reduce((sum, value) => sum + value, 0);
  for (const row of by_model) {
    const layer = layer_of.get(row.key['model'] ?? '');
    const index = place.get(row.start_unix_nano ?? -1n);
    if (layer === undefined || index === undefined) continue;
    const value = measureOf(row, measure);
    layer.values[index] = value;
    layer.sum += value;
    left[index] = left[index]! - value;
  }
  const others = left.map((value) => (value > total * kRounding ? value : 0));
  const rest = others.reduce((sum, value) => sum + value, 0);
  return rest > 0 ? [...layers, { model: null, values: others, sum: rest }] : layers;
}

// The models with the largest sums, the largest first.
function largest(by_model: readonly CallSum[], measure: Measure): string[] {
  const sums = new Map<string, number>();
  for (const row of by_model) {
    const model = row.key['model'] ?? '';
    sums.set(model, (sums.get(model) ?? 0) + measureOf(row, measure));
  }
  return [...sums]
    .filter(([, sum]) => sum > 0)
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .slice(0, kLayersMax)
    .map(([model]) => model);
}
