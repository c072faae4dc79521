// OpenTelemetry's ranges of SeverityNumber; undefined where a record names none.
export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const kNames: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

export function severityOf(number: number): Severity | undefined {
  return number < 1 || number > 24 ? undefined : kNames[Math.floor((number - 1) / 4)];
}
