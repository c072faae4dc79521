import { kSecond, parseInstant } from '@/base/time';
import { lastMsOf, type TimeSearch } from '@/base/time_range';

// The time range of the page in nanoseconds, and the step of its bars.
export interface Times {
  start: bigint;
  end: bigint;
  step: bigint;
}

const kDay = 86_400n * kSecond;
// A bar for each would be too thin to point at beyond this.
const kBarsMax = 62n;
// The server's own limit is 2,000 steps.
const kSteps = [1n, 5n, 10n, 30n, 60n, 300n, 600n, 1_800n, 3_600n, 10_800n, 21_600n, 43_200n, 86_400n].map(
  (seconds) => seconds * kSecond,
);

// The shortest step that needs few enough bars; beyond days, as many days as it takes.
export function stepFor(length: bigint): bigint {
  const found = kSteps.find((step) => length / step <= kBarsMax);
  return found ?? (length / (kBarsMax * kDay) + 1n) * kDay;
}

// As the server reads them: without a start the day before the end, without an end until now.
export function timesOf(search: TimeSearch, now: bigint): Times {
  const last_ms = lastMsOf(search);
  const given = (text: string | undefined) => (text === undefined ? null : parseInstant(text));
  const end = given(search.end) ?? now;
  const asked =
    last_ms === undefined ? (given(search.start) ?? end - kDay) : now - BigInt(last_ms) * 1_000_000n;
  const start = asked < end ? asked : end - kSecond;
  return { start, end, step: stepFor(end - start) };
}

// The starts of all bars, from the one that holds `start` on: the server's steps count from 1970.
export function barStarts({ start, end, step }: Times): bigint[] {
  const starts: bigint[] = [];
  for (let at = start - (start % step); at < end; at += step) starts.push(at);
  return starts;
}
