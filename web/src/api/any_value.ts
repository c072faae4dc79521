// OTLP's AnyValue as the UI sees it. The reader below never fails: attributes come from whoever
// sent the span, and one odd value must not hide the others. They are read when a span is shown,
// not when its trace is loaded: a trace can hold a million of them.

export type AnyValue =
  | { type: 'string'; value: string }
  | { type: 'int'; value: bigint }
  | { type: 'double'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'bytes'; value: string }
  | { type: 'array'; values: AnyValue[] }
  | { type: 'map'; values: KeyValue[] }
  | { type: 'empty' }
  | { type: 'unknown'; value: unknown };

export interface KeyValue {
  key: string;
  value: AnyValue;
}

// Deeper values stay as they came; no sender nests this far on purpose.
const kDepthMax = 64;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listIn(value: unknown): unknown[] | null {
  if (!isRecord(value)) return null;
  if (value['values'] === undefined) return [];
  return Array.isArray(value['values']) ? value['values'] : null;
}

export function readAnyValue(wire: unknown, depth = 0): AnyValue {
  if (!isRecord(wire) || depth > kDepthMax) return { type: 'unknown', value: wire };
  const [kind, value] = Object.entries(wire)[0] ?? ['', undefined];
  switch (kind) {
    case '':
      return { type: 'empty' };
    case 'stringValue':
      if (typeof value === 'string') return { type: 'string', value };
      break;
    case 'intValue':
      if (typeof value === 'number' && Number.isSafeInteger(value))
        return { type: 'int', value: BigInt(value) };
      if (typeof value === 'string' && /^-?\d+$/.test(value)) return { type: 'int', value: BigInt(value) };
      break;
    case 'doubleValue':
      if (typeof value === 'number') return { type: 'double', value };
      // JSON has no NaN and no infinity: protobuf's mapping writes them as words.
      if (typeof value === 'string' && value !== '') return { type: 'double', value: Number(value) };
      break;
    case 'boolValue':
      if (typeof value === 'boolean') return { type: 'bool', value };
      break;
    case 'bytesValue':
      if (typeof value === 'string') return { type: 'bytes', value };
      break;
    case 'arrayValue': {
      const items = listIn(value);
      if (items !== null)
        return { type: 'array', values: items.map((item) => readAnyValue(item, depth + 1)) };
      break;
    }
    case 'kvlistValue': {
      const items = listIn(value);
      if (items !== null) return { type: 'map', values: readKeyValues(items, depth + 1) };
      break;
    }
  }
  return { type: 'unknown', value: wire };
}

export function readKeyValues(wire: unknown, depth = 0): KeyValue[] {
  if (!Array.isArray(wire)) return [];
  return wire.filter(isRecord).map((item) => ({
    key: typeof item['key'] === 'string' ? item['key'] : '',
    value: readAnyValue(item['value'] ?? {}, depth),
  }));
}

// The value as plain JSON would write it. Integers beyond 2^53 become strings: as numbers they
// would change.
export function toPlain(value: AnyValue): unknown {
  switch (value.type) {
    case 'int': {
      const number = Number(value.value);
      return Number.isSafeInteger(number) ? number : value.value.toString();
    }
    case 'array':
      return value.values.map(toPlain);
    case 'map':
      return Object.fromEntries(value.values.map((item) => [item.key, toPlain(item.value)]));
    case 'empty':
      return null;
    default:
      return value.value;
  }
}

// What the copy button copies: text as it is, everything else as JSON.
export function toText(value: AnyValue): string {
  switch (value.type) {
    case 'string':
    case 'bytes':
      return value.value;
    case 'int':
    case 'bool':
    case 'double':
      return String(value.value);
    case 'empty':
      return '';
    default:
      return JSON.stringify(toPlain(value), null, 2);
  }
}

// One attribute by its key, as text.
export function textAt(attributes: readonly KeyValue[], key: string): string | undefined {
  const found = attributes.find((attribute) => attribute.key === key);
  return found === undefined ? undefined : toText(found.value);
}
