// Instants are bigint nanoseconds since the Unix epoch: a number loses the last digits
// after 2^53. Durations are bigint too; a number is used only for positions on the screen.

export const kSecond = 1_000_000_000n;
const kMillisecond = 1_000_000n;

export function nowNanos(): bigint {
  return BigInt(Date.now()) * kMillisecond;
}

// The part of an instant that Date can hold.
export function toMillis(nanos: bigint): number {
  return Number(nanos / kMillisecond);
}

function pad(value: number | bigint, width: number): string {
  return value.toString().padStart(width, '0');
}

// Nanoseconds within the second, also for instants before 1970.
function fraction(nanos: bigint): bigint {
  return ((nanos % kSecond) + kSecond) % kSecond;
}

function dateOf(nanos: bigint): Date {
  return new Date(Number((nanos - fraction(nanos)) / kSecond) * 1000);
}

// "14:03:22.125", in the reader's zone.
export function formatClock(nanos: bigint): string {
  const date = dateOf(nanos);
  const millis = fraction(nanos) / kMillisecond;
  return `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${pad(millis, 3)}`;
}

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// "25 Nov", with the year where it is not this one.
export function formatDay(nanos: bigint, now: bigint): string {
  const date = dateOf(nanos);
  const day = `${date.getDate()} ${kMonths[date.getMonth()]}`;
  return date.getFullYear() === dateOf(now).getFullYear() ? day : `${day} ${date.getFullYear()}`;
}

// "2026-11-25 14:03:22.125000417 +01:00": all nine digits and the zone.
export function formatExact(nanos: bigint): string {
  const date = dateOf(nanos);
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60), 2)}:${pad(Math.abs(offset) % 60, 2)}`;
  return (
    `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)} ` +
    `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}` +
    `.${pad(fraction(nanos), 9)} ${zone}`
  );
}

// "just now", "12 s ago", "3 min ago", "2 h ago", "4 d ago".
export function formatAge(nanos: bigint, now: bigint): string {
  const seconds = Number((now - nanos) / kSecond);
  if (seconds < -1) return 'in the future';
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const kRfc3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/i;

// Reads RFC 3339 (without a zone: the reader's own) or unix nanoseconds.
export function parseInstant(text: string): bigint | null {
  const trimmed = text.trim();
  if (/^\d{1,19}$/.test(trimmed)) return BigInt(trimmed);
  const match = kRfc3339.exec(trimmed);
  if (match === null) return null;
  const [, day, time, digits = '', zone = ''] = match;
  const millis = Date.parse(`${day}T${time}${zone}`);
  if (Number.isNaN(millis)) return null;
  return BigInt(millis) * kMillisecond + BigInt(digits.padEnd(9, '0'));
}

// "2026-11-25T13:03:22.125Z": how an instant is written into a URL.
export function formatRfc3339(nanos: bigint): string {
  return new Date(toMillis(nanos)).toISOString();
}
