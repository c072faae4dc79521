import type { CallSum } from '@/api/schemas';
import { tokensOf } from '@/components/call_sums';
import type { Order } from './url_state';

// What a table is sorted by, and its shares are of.
export function orderValue(row: CallSum, order: Order): number {
  switch (order) {
    case 'calls':
      return row.calls;
    case 'errors':
      return row.errors;
    case 'tokens':
      return tokensOf(row);
    case 'cost':
      return row.cost.total ?? 0;
  }
}

// What all calls add up to beyond these rows.
export function restOf(whole: CallSum, rows: readonly CallSum[]): { calls: number; cost: number } {
  const sum = (of: (row: CallSum) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    calls: Math.max(whole.calls - sum((row) => row.calls), 0),
    cost: Math.max((whole.cost.total ?? 0) - sum((row) => row.cost.total ?? 0), 0),
  };
}
