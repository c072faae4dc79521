// Numbers and sizes as a person reads them.

const kWhole = new Intl.NumberFormat('en-US');

export function formatCount(value: number): string {
  return kWhole.format(value);
}

// "950", "12.3k", "4.5M": for places too narrow for the whole number.
export function formatCompact(value: number): string {
  if (value < 1_000) return String(value);
  if (value < 999_500) return `${(value / 1_000).toFixed(value < 9_950 ? 1 : 0)}k`;
  if (value < 999_500_000) return `${(value / 1_000_000).toFixed(value < 99_500_000 ? 1 : 0)}M`;
  return `${(value / 1_000_000_000).toFixed(1)}G`;
}

export function formatBytes(size: number): string {
  if (size < 1_000) return `${size} B`;
  if (size < 999_500) return `${(size / 1_000).toFixed(size < 9_950 ? 1 : 0)} kB`;
  if (size < 999_500_000) return `${(size / 1_000_000).toFixed(1)} MB`;
  return `${(size / 1_000_000_000).toFixed(2)} GB`;
}

const kCents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// "$0.0048", "$12.30": two digits that say something, never a rounded-away zero.
export function formatDollars(amount: number): string {
  if (amount === 0) return '$0';
  if (amount >= 1) return `$${kCents.format(amount)}`;
  return `$${amount.toFixed(Math.min(12, 1 - Math.floor(Math.log10(amount))))}`;
}

// For columns: what is less than a millionth of a dollar is only said to be so.
export function formatDollarsShort(amount: number): string {
  return amount > 0 && amount < 1e-6 ? '<$0.000001' : formatDollars(amount);
}

// "37 %", "0.4 %": a share of a whole; neither all nor nothing unless it is.
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return '<0.1 %';
  if (percent < 9.95) return `${percent.toFixed(1)} %`;
  if (part >= whole) return '100 %';
  return `${Math.min(Math.round(percent), 99)} %`;
}

// "1 span", "2 spans".
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

// "a7c3…9f12": enough of an id to tell two apart at a glance.
export function shortId(id: string): string {
  return id.length <= 12 ? id : id.slice(0, 8);
}
