import { firstOf } from '@/base/search_params';
import { parseTimeSearch, type TimeSearch } from '@/base/time_range';

// The state of the costs page is its URL. `service`, `start`, `end` and `sort` are names of
// GET /api/v1/aggregate; `by` is one of kTables, `chart` what the bars are made of.
export interface CostsSearch extends TimeSearch {
  service?: string;
  by?: Table;
  sort?: Order;
  chart?: Measure;
}

// What a table is by: the dimensions that it asks for, all of which are filters of the calls list.
export const kTables = {
  model: { label: 'Model', by: 'model,provider', none: 'no model told' },
  provider: { label: 'Provider', by: 'provider', none: 'no provider told' },
  service: { label: 'Service', by: 'service', none: 'no service told' },
  user: { label: 'User', by: 'user', none: 'no user told' },
  prompt: { label: 'Prompt', by: 'prompt', none: 'no prompt named' },
  conversation: { label: 'Conversation', by: 'conversation', none: 'no conversation told' },
  agent: { label: 'Agent', by: 'agent', none: 'no agent told' },
} as const;

export type Table = keyof typeof kTables;

export const kOrders = ['cost', 'calls', 'tokens', 'errors'] as const;
export type Order = (typeof kOrders)[number];

export const kMeasures = ['cost', 'tokens', 'calls'] as const;
export type Measure = (typeof kMeasures)[number];

// Drops what cannot be understood, and writes no default: model, cost, cost.
export function parseCostsSearch(raw: Record<string, unknown>): CostsSearch {
  const search: CostsSearch = {};
  const service = firstOf(raw['service']);
  const by = firstOf(raw['by']);
  const sort = kOrders.find((known) => known === firstOf(raw['sort']));
  const chart = kMeasures.find((known) => known === firstOf(raw['chart']));
  if (service !== undefined) search.service = service;
  if (by !== undefined && by !== 'model' && Object.hasOwn(kTables, by)) search.by = by as Table;
  if (sort !== undefined && sort !== 'cost') search.sort = sort;
  if (chart !== undefined && chart !== 'cost') search.chart = chart;
  return Object.assign(search, parseTimeSearch(raw));
}

// `search` with some fields changed; undefined takes a field away.
export function withChange(
  search: CostsSearch,
  change: { [K in keyof CostsSearch]?: CostsSearch[K] | undefined },
): CostsSearch {
  return parseCostsSearch({ ...search, ...change });
}
