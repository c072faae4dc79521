import type uPlot from 'uplot';

// What uPlot writes under a time axis: days, minutes or seconds, as far apart as the labels are.
export function timeLabels(
  _chart: uPlot,
  splits: number[],
  _axis: number,
  _space: number,
  step: number,
): string[] {
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    if (step >= 86_400) return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    const clock = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return step < 60 ? date.toLocaleTimeString('en-GB') : clock;
  });
}
