import type { AnyValue } from '@/api/any_value';
import { toPlain } from '@/api/any_value';
import { type Message, readMessages } from './messages';

// How a value is best read. Inline shapes share a line with their key; the others get a block.
export type Shape =
  | { form: 'inline'; text: string; kind: 'string' | 'number' | 'word' | 'faint' }
  | { form: 'text'; text: string }
  | { form: 'json'; value: unknown }
  | { form: 'messages'; messages: Message[] };

const kInlineLength = 140;
const kArrayInline = 8;
// Beyond this a string is shown as text: reading it as JSON would stall the page.
const kJsonLength = 2_000_000;

export function parseJsonText(text: string): unknown {
  const trimmed = text.trim();
  const closes = { '{': '}', '[': ']' }[trimmed[0] ?? ''];
  if (closes === undefined || !trimmed.endsWith(closes) || trimmed.length > kJsonLength) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
}

function shapeOfJson(value: unknown, asMessages: boolean): Shape {
  const messages = asMessages ? readMessages(value) : null;
  return messages === null ? { form: 'json', value } : { form: 'messages', messages };
}

function shapeOfString(text: string, asMessages: boolean): Shape {
  if (text === '') return { form: 'inline', text: 'empty', kind: 'faint' };
  const json = parseJsonText(text);
  if (json !== undefined) return shapeOfJson(json, asMessages);
  if (text.length > kInlineLength || text.includes('\n')) return { form: 'text', text };
  return { form: 'inline', text, kind: 'string' };
}

// "12 bytes: 00 ff 1a …"
function describeBytes(base64: string): string {
  let raw: string;
  try {
    raw = atob(base64);
  } catch {
    return 'bytes that are not base64';
  }
  const head = [...raw.slice(0, 24)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
  return `${raw.length} bytes: ${head.join(' ')}${raw.length > 24 ? ' …' : ''}`;
}

// `asMessages`: what looks like a conversation is shown as one, not as JSON.
export function shapeOf(value: AnyValue, asMessages = true): Shape {
  switch (value.type) {
    case 'string':
      return shapeOfString(value.value, asMessages);
    case 'int':
      return { form: 'inline', text: value.value.toString(), kind: 'number' };
    case 'double':
      return { form: 'inline', text: String(value.value), kind: 'number' };
    case 'bool':
      return { form: 'inline', text: String(value.value), kind: 'word' };
    case 'bytes':
      return { form: 'inline', text: describeBytes(value.value), kind: 'faint' };
    case 'empty':
      return { form: 'inline', text: 'no value', kind: 'faint' };
    case 'array': {
      const items = value.values.map((item) => shapeOf(item, asMessages));
      const short = items.length <= kArrayInline && items.every((item) => item.form === 'inline');
      const text = items.map((item) => (item.form === 'inline' ? item.text : '')).join(', ');
      if (short && text.length <= kInlineLength) return { form: 'inline', text: `[${text}]`, kind: 'string' };
      return shapeOfJson(toPlain(value), asMessages);
    }
    case 'map':
      return shapeOfJson(toPlain(value), asMessages);
    case 'unknown':
      return { form: 'json', value: value.value };
  }
}
