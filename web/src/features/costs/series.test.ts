import { describe, expect, it } from 'vitest';
import { sumOf } from './fixtures';
import { kLayersMax, layersOf } from './series';

//       0      10     20
// a  |  2   |      |  1  |
// b  |  1   |      |     |
const kStarts = [0n, 10n, 20n];
const kByModel = [
  sumOf({ model: 'a' }, { start: 0n, cost: 2 }),
  sumOf({ model: 'b' }, { start: 0n, cost: 1 }),
  sumOf({ model: 'a' }, { start: 20n, cost: 1 }),
];

describe('layers of the chart', () => {
  it('have a value for every bar, the largest model first', () => {
    const whole = [sumOf({}, { start: 0n, cost: 3 }), sumOf({}, { start: 20n, cost: 1 })];
    expect(layersOf(kStarts, whole, kByModel, 'cost')).toEqual([
      { model: 'a', values: [2, 0, 1], sum: 3 },
      { model: 'b', values: [1, 0, 0], sum: 1 },
    ]);
  });

  it('leave to "other" what the answer by model does not hold', () => {
    const whole = [sumOf({}, { start: 0n, cost: 3 }), sumOf({}, { start: 20n, cost: 5 })];
    expect(layersOf(kStarts, whole, kByModel, 'cost').at(-1)).toEqual({
      model: null,
      values: [0, 0, 4],
      sum: 4,
    });
  });

  it('are at most eight and other, and add up to the whole', () => {
    const many = Array.from({ length: 20 }, (_, i) =>
      sumOf({ model: `m${i}` }, { start: 0n, cost: i + 0.1 }),
    );
    const layers = layersOf(kStarts, [sumOf({}, { start: 0n, cost: 192 })], many, 'cost');
    expect(layers).toHaveLength(kLayersMax + 1);
    expect(layers.reduce((sum, layer) => sum + layer.sum, 0)).toBeCloseTo(192, 9);
  });

  it('have no "other" for what only rounding leaves', () => {
    const thirds = [1, 2, 3].map((i) => sumOf({ model: `m${i}` }, { start: 0n, cost: 0.1 * i }));
    const whole = [sumOf({}, { start: 0n, cost: 0.1 + 0.2 + 0.3 })];
    expect(layersOf(kStarts, whole, thirds, 'cost').map((layer) => layer.model)).toEqual(['m3', 'm2', 'm1']);
  });

  it('leave out models without any of it: an unpriced one has no cost', () => {
    const rows = [sumOf({ model: 'free' }, { start: 0n, unpriced: 1 })];
    expect(layersOf(kStarts, [sumOf({}, { start: 0n })], rows, 'cost')).toEqual([]);
    expect(layersOf(kStarts, [sumOf({}, { start: 0n })], rows, 'calls')).toHaveLength(1);
  });
});
