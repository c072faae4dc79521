import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getJson } from './client';
import { attributeKeyList, operationList, serviceList, stats, trace, tracePage } from './schemas';

// Every question the UI asks, as options for TanStack Query: the server cache is the only home
// of answers.

export interface TraceQuestion {
  service?: string | undefined;
  operation?: string | undefined;
  status?: string | undefined;
  min_duration?: string | undefined;
  max_duration?: string | undefined;
  attribute: readonly string[];
  // Either a span of time that ends now, or fixed ends in RFC 3339.
  last_ms?: number | undefined;
  start?: string | undefined;
  end?: string | undefined;
}

interface PageParam {
  cursor: string | null;
  // The start that the first page was asked with: "the last hour" must not move between pages.
  start: string | undefined;
}

export const kPageSize = 200;

function startOf(question: TraceQuestion): string | undefined {
  if (question.last_ms === undefined) return question.start;
  return new Date(Date.now() - question.last_ms).toISOString();
}

function fetchTraces(question: TraceQuestion, page: PageParam, signal: AbortSignal) {
  const { last_ms: _, ...filters } = question;
  const params = { ...filters, start: page.start, limit: kPageSize, cursor: page.cursor ?? undefined };
  return getJson('/api/v1/traces', params, tracePage, signal).then((answer) => ({
    ...answer,
    start: page.start,
  }));
}

// The first page alone, asked again and again while the list is live.
export function newestTraces(question: TraceQuestion) {
  return queryOptions({
    queryKey: ['traces', 'newest', question],
    queryFn: ({ signal }) => fetchTraces(question, { cursor: null, start: startOf(question) }, signal),
    gcTime: 0,
  });
}

export function traceList(question: TraceQuestion) {
  return infiniteQueryOptions({
    queryKey: ['traces', 'list', question],
    queryFn: ({ pageParam, signal }) =>
      fetchTraces(
        question,
        pageParam.cursor === null ? { cursor: null, start: startOf(question) } : pageParam,
        signal,
      ),
    initialPageParam: { cursor: null, start: undefined } as PageParam,
    getNextPageParam: (last): PageParam | null =>
      last.next === null ? null : { cursor: last.next, start: last.start },
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

// A stored trace changes only while spans still arrive, so an answer stays good for a while.
export function traceById(trace_id: string) {
  return queryOptions({
    queryKey: ['trace', trace_id],
    queryFn: ({ signal }) => getJson(`/api/v1/traces/${encodeURIComponent(trace_id)}`, {}, trace, signal),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    // Comparing two answers of 100,000 spans to share their parts costs more than it saves.
    structuralSharing: false,
  });
}

export function services() {
  return queryOptions({
    queryKey: ['services'],
    queryFn: ({ signal }) =>
      getJson('/api/v1/services', {}, serviceList, signal).then((answer) => answer.items),
    staleTime: 15_000,
  });
}

export function operations(service: string | undefined) {
  return queryOptions({
    queryKey: ['operations', service],
    queryFn: ({ signal }) =>
      getJson('/api/v1/operations', { service }, operationList, signal).then((answer) => answer.items),
    enabled: service !== undefined,
    staleTime: 15_000,
  });
}

export function attributeKeys(service: string | undefined) {
  return queryOptions({
    queryKey: ['attribute_keys', service],
    queryFn: ({ signal }) =>
      getJson('/api/v1/attribute_keys', { service }, attributeKeyList, signal).then((answer) =>
        answer.items.map((item) => item.key),
      ),
    staleTime: 30_000,
  });
}

export function serverStats() {
  return queryOptions({
    queryKey: ['stats'],
    queryFn: ({ signal }) => getJson('/api/v1/stats', {}, stats, signal),
    refetchInterval: 5_000,
  });
}
