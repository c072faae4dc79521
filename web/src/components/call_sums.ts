import type { CallTotals } from '@/api/schemas';
import { formatDollarsShort, plural } from '@/base/format';

// Sums over calls in words. A sum that leaves something out says so: it never looks whole when it
// is not.

type Cost = CallTotals['cost'];

// False where there is nothing to say: a trace whose calls are all of tools, for one.
export function hasSums(sums: CallTotals): boolean {
  return sums.calls > 0 || tokensOf(sums) > 0;
}

export function tokensOf(sums: CallTotals): number {
  return sums.input_tokens + sums.output_tokens;
}

// Where no call has a cost: why.
export function costText(cost: Cost): string {
  if (cost.total !== null) return formatDollarsShort(cost.total);
  if (cost.unpriced_calls > 0) return 'unpriced';
  return cost.no_usage_calls > 0 ? 'no usage' : '–';
}

// What the sum of cost leaves out: "without 2 unpriced calls and 1 call without usage".
export function missingCost(cost: Cost): string | null {
  const parts = [
    cost.unpriced_calls > 0 && plural(cost.unpriced_calls, 'unpriced call'),
    cost.no_usage_calls > 0 && `${plural(cost.no_usage_calls, 'call')} without usage`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : `without ${parts.join(' and ')}`;
}

export function missingTokens(sums: CallTotals): string | null {
  if (sums.calls_without_usage === 0) return null;
  return `without ${plural(sums.calls_without_usage, 'call')} that told no usage`;
}
