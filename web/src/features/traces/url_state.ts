import type { TraceQuestion } from '@/api/queries';
import { parseDuration } from '@/base/duration';
import { allOf, firstOf } from '@/base/search_params';
import { lastMsOf, parseTimeSearch, type TimeSearch } from '@/base/time_range';

// The state of the list is its URL. Names are those of GET /api/v1/traces, so that a URL can be
// turned into an API call by hand; `range` and `live` are the page's own.
export interface TraceListSearch extends TimeSearch {
  service?: string;
  operation?: string;
  status?: 'error' | 'ok' | 'unset';
  min_duration?: string;
  max_duration?: string;
  attribute?: string[];
  live?: 'off';
}

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
  Object.assign(search, parseTimeSearch(raw));
  if (firstOf(raw['live']) === 'off') search.live = 'off';
  return search;
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
    last_ms: lastMsOf(search),
  };
}
