import { firstOf } from './search_params';
import { parseInstant } from './time';

// The time range of a page, as its URL holds it: a span of time that ends now, or fixed ends.
export interface TimeSearch {
  range?: Range;
  start?: string;
  end?: string;
}

export const kRanges = {
  '5m': { label: 'Last 5 minutes', ms: 300_000 },
  '15m': { label: 'Last 15 minutes', ms: 900_000 },
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '6h': { label: 'Last 6 hours', ms: 21_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 604_800_000 },
  '30d': { label: 'Last 30 days', ms: 2_592_000_000 },
} as const;

export type Range = keyof typeof kRanges;
export const kRangeDefault: Range = '24h';

// Drops what cannot be understood, and a range beside fixed ends.
export function parseTimeSearch(raw: Record<string, unknown>): TimeSearch {
  const search: TimeSearch = {};
  for (const key of ['start', 'end'] as const) {
    const text = firstOf(raw[key]);
    if (text !== undefined && parseInstant(text) !== null) search[key] = text;
  }
  const range = firstOf(raw['range']);
  if (!isFixed(search) && range !== undefined && range !== kRangeDefault && range in kRanges)
    search.range = range as Range;
  return search;
}

export function isFixed(search: TimeSearch): boolean {
  return search.start !== undefined || search.end !== undefined;
}

// How far back from now the range reaches; undefined where its ends are fixed.
export function lastMsOf(search: TimeSearch): number | undefined {
  return isFixed(search) ? undefined : kRanges[search.range ?? kRangeDefault].ms;
}
