// Places for the marks of a time axis: round steps of 1, 2 or 5, never closer than
// `spacing` fractions of the view.
export function ticksOf(from: number, to: number, spacing: number): number[] {
  const length = to - from;
  if (!(length > 0) || !(spacing > 0)) return [];
  const least = length * spacing;
  const power = 10 ** Math.floor(Math.log10(least));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? power * 10;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) ticks.push(i * step);
  return ticks;
}
