import type { TraceQuestion } from '@/api/queries';
import { parseDuration } from '@/base/duration';
import { allOf, firstOf } from '@/base/search_params';
import { parseInstant } from '@/base/time';

// The state of the list is its URL. Names are those of GET /api/v1/traces, so that a URL can be
// turned into an API call by hand; `range` and `live` are the page's own.
export interface TraceListSearch {
  service?: string;
  operation?: string;
  status?: 'error' | 'ok' | 'unset';
  min_duration?: string;
  max_duration?: string;
  attribute?: string[];
  range?: Range;
  start?: string;
  end?: string;
  live?: 'off';
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

const kStatuses = ['error', 'ok', 'unset'] as const;

// Drops what cannot be understood: an old or mistyped link still shows a list.
export function parseTraceListSearch(raw: Record<string, unknown>): TraceListSearch {
  const search: TraceListSearch = {};
  const service = firstOf(raw['service']);
  const operation = firstOf(raw['operation']);
  const status = kStatuses.find((known) => known === firstOf(raw['status']));
  const attribute = [...new Set(allOf(raw['attribute']))];
  if (service !== undefined) search.service = service;
  if (operation !== undefined) search.operation = operation;
  if (status !== undefined) search.status = status;
  for (const key of ['min_duration', 'max_duration'] as const) {
    const text = firstOf(raw[key]);
    if (text !== undefined && parseDuration(text) !== null) search[key] = text;
  }
  if (attribute.length > 0) search.attribute = attribute;
  for (const key of ['start', 'end'] as const) {
    const text = firstOf(raw[key]);
    if (text !== undefined && parseInstant(text) !== null) search[key] = text;
  }
  const range = firstOf(raw['range']);
  const fixed = search.start !== undefined || search.end !== undefined;
  if (!fixed && range !== undefined && range !== kRangeDefault && range in kRanges)
    search.range = range as Range;
  if (firstOf(raw['live']) === 'off') search.live = 'off';
  return search;
}

export function isFixed(search: TraceListSearch): boolean {
  return search.start !== undefined || search.end !== undefined;
}

export function isLive(search: TraceListSearch): boolean {
  return search.live !== 'off' && search.end === undefined;
}

export function hasFilters(search: TraceListSearch): boolean {
  const { range: _range, start: _start, end: _end, live: _live, ...filters } = search;
  return Object.keys(filters).length > 0;
}

// `search` with some fields changed; undefined takes a field away.
export function withChange(
  search: TraceListSearch,
  change: { [K in keyof TraceListSearch]?: TraceListSearch[K] | undefined },
): TraceListSearch {
  return parseTraceListSearch({ ...search, ...change });
}

export function toQuestion(search: TraceListSearch): TraceQuestion {
  return {
    service: search.service,
    operation: search.operation,
    status: search.status,
    min_duration: search.min_duration,
    max_duration: search.max_duration,
    attribute: search.attribute ?? [],
    start: search.start,
    end: search.end,
    last_ms: isFixed(search) ? undefined : kRanges[search.range ?? kRangeDefault].ms,
  };
}
