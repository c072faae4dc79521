import { formatCompact, formatCount, formatDollars } from '@/base/format';
import type { Measure } from './url_state';

export function amountText(value: number, measure: Measure): string {
  if (measure === 'cost') return formatDollars(value);
  return measure === 'tokens' ? formatCompact(value) : formatCount(value);
}

// A label of an axis whose labels lie `apart` from each other: as many decimals as tell them
// apart. Between two calls there is nothing.
export function axisText(value: number, apart: number, measure: Measure): string {
  if (measure !== 'cost') return Number.isInteger(value) ? formatCompact(value) : '';
  if (value === 0) return '$0';
  if (apart >= 1_000) return `$${formatCompact(value)}`;
  const decimals = apart >= 1 ? 0 : Math.min(12, Math.ceil(-Math.log10(apart) - 1e-9));
  return `$${value.toFixed(needsOneMore(apart, decimals) ? decimals + 1 : decimals)}`;
}

// 0.25 needs two decimals where 0.2 needs one.
function needsOneMore(apart: number, decimals: number): boolean {
  const scaled = apart * 10 ** decimals;
  return apart < 1 && Math.abs(scaled - Math.round(scaled)) > 1e-6;
}
