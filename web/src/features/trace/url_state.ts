import { firstOf } from '@/base/search_params';

// The state of a trace page in its URL: the selected span, the text searched for, and the part
// of the time axis in view (nanoseconds after the first span).
export interface TraceSearch {
  span?: string;
  find?: string;
  from?: string;
  to?: string;
}

export interface TimeView {
  from: number;
  to: number;
}

export function parseTraceSearch(raw: Record<string, unknown>): TraceSearch {
  const search: TraceSearch = {};
  const span = firstOf(raw['span']);
  const find = firstOf(raw['find']);
  if (span !== undefined && /^[0-9a-f]{1,16}$/i.test(span))
    search.span = span.toLowerCase().padStart(16, '0');
  if (find !== undefined) search.find = find;
  const from = firstOf(raw['from']);
  const to = firstOf(raw['to']);
  if (
    from !== undefined &&
    to !== undefined &&
    /^\d{1,17}$/.test(from) &&
    /^\d{1,17}$/.test(to) &&
    Number(from) < Number(to)
  ) {
    search.from = from;
    search.to = to;
  }
  return search;
}

// The view within a trace of this length; the whole of it where the URL names none.
export function viewOf(search: TraceSearch, length: number): TimeView {
  const from = Number(search.from ?? 0);
  const to = Number(search.to ?? length);
  return from < length ? { from, to: Math.min(to, length) } : { from: 0, to: length };
}

export function withChange(
  search: TraceSearch,
  change: { [K in keyof TraceSearch]?: TraceSearch[K] | undefined },
): TraceSearch {
  return parseTraceSearch({ ...search, ...change });
}
