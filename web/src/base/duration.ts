// Durations: bigint nanoseconds on the inside, three digits that matter on the outside.

const kUnits: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

// "850 ns", "45.3 µs", "312 ms", "1.24 s", "2 min 03 s", "1 h 20 min", "1 h".
export function formatDuration(nanos: bigint | number): string {
  const value = Math.abs(Number(nanos));
  const sign = Number(nanos) < 0 ? '−' : '';
  if (value === 0) return '0 ns';
  if (value < 1e3) return `${sign}${Math.round(value)} ns`;
  // Each limit lies where rounding would reach the next unit: 999.6 µs reads "1.00 ms".
  if (value < 999.5e3) return `${sign}${threeDigits(value / 1e3)} µs`;
  if (value < 999.5e6) return `${sign}${threeDigits(value / 1e6)} ms`;
  if (value < 59.95e9) return `${sign}${threeDigits(value / 1e9)} s`;
  const seconds = Math.round(value / 1e9);
  if (seconds < 3600) return sign + twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return sign + twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function twoUnits(large: number, large_unit: string, small: number, small_unit: string): string {
  if (small === 0) return `${large} ${large_unit}`;
  return `${large} ${large_unit} ${String(small).padStart(2, '0')} ${small_unit}`;
}

// "1,234,567 ns": for a tooltip, where someone wants every digit.
export function formatDurationExact(nanos: bigint): string {
  return `${nanos.toLocaleString('en-US')} ns`;
}

// Reads Go's style ("1.5s", "1m30s", "100ms", "2us") or plain nanoseconds; null if it is neither.
export function parseDuration(text: string): bigint | null {
  const trimmed = text.trim().replaceAll(' ', '');
  if (/^\d{1,19}$/.test(trimmed)) return BigInt(trimmed);
  const part = /(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0n;
  let at = 0;
  while (at < trimmed.length) {
    part.lastIndex = at;
    const match = part.exec(trimmed);
    if (match === null) return null;
    total += scale(match[1] ?? '0', kUnits[match[2] ?? 'ns'] ?? 1n);
    at = part.lastIndex;
  }
  return at === 0 ? null : total;
}

// A decimal times a unit, without a float in between: 0.1 s is exactly 100 ms.
function scale(decimal: string, unit: bigint): bigint {
  const [whole = '', digits = ''] = decimal.split('.');
  const kept = digits.slice(0, 12);
  return BigInt(whole || '0') * unit + (BigInt(kept || '0') * unit) / 10n ** BigInt(kept.length);
}
