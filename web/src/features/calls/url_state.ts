import type { CallQuestion } from '@/api/call_queries';
import { firstOf } from '@/base/search_params';
import { lastMsOf, parseTimeSearch, type TimeSearch } from '@/base/time_range';

// The state of the list is its URL. Names are those of GET /api/v1/calls; `range` is the page's own.
export interface CallsSearch extends TimeSearch, Partial<Record<TextFilter, string>> {
  kind?: Kind;
  status?: 'error' | 'ok';
  cost_status?: CostStatus;
  sort?: Order;
}

export const kTextFilters = [
  'service',
  'model',
  'provider',
  'user',
  'conversation',
  'prompt',
  'agent',
  'trace_id',
] as const;
export type TextFilter = (typeof kTextFilters)[number];

export const kKinds = [
  'llm',
  'completion',
  'embedding',
  'reranker',
  'agent',
  'tool',
  'retriever',
  'chain',
  'guardrail',
  'evaluator',
  'memory',
  'prompt',
  'unknown',
] as const;
export type Kind = (typeof kKinds)[number];

export const kCostStatuses = ['computed', 'reported', 'unpriced', 'no_usage'] as const;
export type CostStatus = (typeof kCostStatuses)[number];

export const kOrders = ['start', 'cost', 'tokens', 'duration'] as const;
export type Order = (typeof kOrders)[number];

// Drops what cannot be understood: an old or mistyped link still shows a list.
export function parseCallsSearch(raw: Record<string, unknown>): CallsSearch {
  const search: CallsSearch = {};
  for (const name of kTextFilters) {
    const text = firstOf(raw[name]);
    if (text !== undefined) search[name] = text;
  }
  if (search.trace_id !== undefined && !/^[0-9a-f]{1,32}$/i.test(search.trace_id)) delete search.trace_id;
  const one = <T extends string>(known: readonly T[], name: string) =>
    known.find((value) => value === firstOf(raw[name]));
  const kind = one(kKinds, 'kind');
  const status = one(['error', 'ok'] as const, 'status');
  const cost_status = one(kCostStatuses, 'cost_status');
  const sort = one(kOrders, 'sort');
  if (kind !== undefined) search.kind = kind;
  if (status !== undefined) search.status = status;
  if (cost_status !== undefined) search.cost_status = cost_status;
  if (sort !== undefined && sort !== 'start') search.sort = sort;
  return Object.assign(search, parseTimeSearch(raw));
}

export function hasFilters(search: CallsSearch): boolean {
  const { range: _range, start: _start, end: _end, sort: _sort, ...filters } = search;
  return Object.keys(filters).length > 0;
}

// What stays when the filters go.
export function withoutFilters({ range, start, end, sort }: CallsSearch): CallsSearch {
  return parseCallsSearch({ range, start, end, sort });
}

// `search` with some fields changed; undefined takes a field away.
export function withChange(
  search: CallsSearch,
  change: { [K in keyof CallsSearch]?: CallsSearch[K] | undefined },
): CallsSearch {
  return parseCallsSearch({ ...search, ...change });
}

// The calls of a trace are asked for whatever their age.
export function toQuestion(search: CallsSearch): CallQuestion {
  const { range: _range, sort = 'start', ...given } = search;
  return { ...given, sort, last_ms: search.trace_id === undefined ? lastMsOf(search) : undefined };
}
