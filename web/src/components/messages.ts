// Recognises a list of chat messages in a JSON value, by its shape and not by the attribute's
// name: {role, content} and {role, parts} are how every sender writes them.

export type MessagePart =
  | { kind: 'text'; text: string }
  // A tool call, its result, an image reference ...: titled, shown as JSON.
  | { kind: 'data'; title: string; value: unknown };

export interface Message {
  role: string;
  parts: MessagePart[];
}

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMessage(value: unknown): value is Json {
  return (
    isJson(value) &&
    typeof value['role'] === 'string' &&
    ('content' in value || 'parts' in value || 'tool_calls' in value)
  );
}

function parsedArguments(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function readToolCall(call: Json): MessagePart {
  const source = isJson(call['function']) ? call['function'] : call;
  const name = typeof source['name'] === 'string' ? source['name'] : 'tool';
  return {
    kind: 'data',
    title: `calls ${name}`,
    value: parsedArguments(source['arguments'] ?? source['input'] ?? {}),
  };
}

function readPart(part: unknown): MessagePart {
  if (typeof part === 'string') return { kind: 'text', text: part };
  if (!isJson(part)) return { kind: 'data', title: 'value', value: part };
  const type = typeof part['type'] === 'string' ? part['type'] : 'part';
  const text = part['text'] ?? part['content'];
  if ((type === 'text' || type === 'input_text' || type === 'output_text') && typeof text === 'string') {
    return { kind: 'text', text };
  }
  if (type === 'tool_call' || type === 'tool_use' || type === 'function') return readToolCall(part);
  return { kind: 'data', title: type.replaceAll('_', ' '), value: part };
}

function readMessage(message: Json): Message {
  const content = message['parts'] ?? message['content'];
  const parts: MessagePart[] = [];
  if (Array.isArray(content)) parts.push(...content.map(readPart));
  else if (typeof content === 'string' && content !== '') parts.push({ kind: 'text', text: content });
  else if (content !== null && content !== undefined && content !== '') {
    parts.push({ kind: 'data', title: 'content', value: content });
  }
  const calls = message['tool_calls'];
  if (Array.isArray(calls)) parts.push(...calls.filter(isJson).map(readToolCall));
  return { role: String(message['role']), parts };
}

// The messages, or null where the value is something else.
export function readMessages(value: unknown): Message[] | null {
  if (isMessage(value)) return [readMessage(value)];
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMessage)) return null;
  return value.map(readMessage);
}
