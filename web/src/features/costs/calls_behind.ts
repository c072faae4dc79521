import type { CostsSearch } from './url_state';

// Where the calls behind a figure are listed: the filters of the calls page.
export interface CallsBehind {
  service?: string;
  provider?: string;
  model?: string;
  user?: string;
  prompt?: string;
  conversation?: string;
  agent?: string;
  status?: 'error';
  cost_status?: 'unpriced' | 'no_usage';
  sort?: 'cost' | 'tokens';
  range?: NonNullable<CostsSearch['range']>;
  start?: string;
  end?: string;
}

// The same range and service, and what the figure is about. An empty text is no filter: the
// server takes it for "any".
export function callsBehind(search: CostsSearch, about: CallsBehind): CallsBehind {
  const { service, range, start, end } = search;
  const whole = { service, range, start, end, ...about };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined && value !== ''));
}

// The calls of a row of a table; null where the row is of those that do not tell.
export function callsOfRow(search: CostsSearch, key: Record<string, string>): CallsBehind | null {
  if (Object.values(key)[0] === '') return null;
  return callsBehind(search, { ...key, sort: 'cost' });
}
