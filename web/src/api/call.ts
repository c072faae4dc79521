// A span's `call` as the server sends it, read when someone looks at it. Names stay those of
// the wire; what is not told is undefined.

export interface CallUsage {
  input_tokens?: number | undefined;
  output_tokens?: number | undefined;
  cache_read_tokens?: number | undefined;
  cache_write_tokens?: number | undefined;
  reasoning_tokens?: number | undefined;
  scope?: string | undefined;
  cache_convention?: string | undefined;
}

export interface CostPart {
  kind: string;
  amount: number;
  tokens?: number | undefined;
  price_per_million?: number | undefined;
  count?: number | undefined;
  price?: number | undefined;
}

export interface CallCost {
  status: string;
  total?: number | undefined;
  reason?: string | undefined;
  rule?: string | undefined;
  match?: string | undefined;
  table_version?: string | undefined;
  parts: CostPart[];
}

export interface Call {
  kind: string;
  provider?: string | undefined;
  asked?: string | undefined;
  answered?: string | undefined;
  finish: string[];
  failed: boolean;
  time_to_first_token?: number | undefined;
  usage?: CallUsage | undefined;
  cost?: CallCost | undefined;
  reported_cost?: number | undefined;
  duplicate_of?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  request_id?: string | undefined;
  response_id?: string | undefined;
  prompt?: string | undefined;
  tool?: string | undefined;
  agent?: string | undefined;
  // Messages, in the form that components/messages.ts reads.
  system: unknown;
  input: unknown;
  output: unknown;
}

type Json = Record<string, unknown>;

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function readUsage(usage: unknown): CallUsage | undefined {
  if (usage === undefined) return undefined;
  return {
    input_tokens: number(at(usage, 'input_tokens')),
    output_tokens: number(at(usage, 'output_tokens')),
    cache_read_tokens: number(at(usage, 'cache_read_tokens')),
    cache_write_tokens: number(at(usage, 'cache_write_tokens')),
    reasoning_tokens: number(at(usage, 'reasoning_tokens')),
    scope: text(at(usage, 'scope')),
    cache_convention: text(at(usage, 'cache_convention')),
  };
}

function readCost(cost: unknown): CallCost | undefined {
  const status = text(at(cost, 'status'));
  if (status === undefined) return undefined;
  return {
    status,
    total: number(at(cost, 'total')),
    reason: text(at(cost, 'reason')),
    rule: text(at(cost, 'rule')),
    match: text(at(cost, 'match')),
    table_version: text(at(cost, 'table_version')),
    parts: list(at(cost, 'parts')).map((part) => ({
      kind: text(at(part, 'kind')) ?? '',
      amount: number(at(part, 'amount')) ?? 0,
      tokens: number(at(part, 'tokens')),
      price_per_million: number(at(part, 'price_per_million')),
      count: number(at(part, 'count')),
      price: number(at(part, 'price')),
    })),
  };
}

export function readCall(wire: unknown): Call | undefined {
  const kind = text(at(wire, 'kind'));
  if (kind === undefined) return undefined;
  const request = at(wire, 'request');
  const response = at(wire, 'response');
  const system = list(at(wire, 'system_instructions'));
  const prompt = at(wire, 'prompt');
  return {
    kind,
    provider: text(at(wire, 'provider')),
    asked: text(at(request, 'model')),
    answered: text(at(response, 'model')),
    finish: list(at(response, 'finish_reasons')).map(
      (reason) => text(at(reason, 'reason')) ?? text(reason) ?? '',
    ),
    failed: at(wire, 'failed') === true,
    time_to_first_token: number(at(wire, 'time_to_first_token')),
    usage: readUsage(at(wire, 'usage')),
    cost: readCost(at(wire, 'cost')),
    reported_cost: number(at(at(wire, 'reported_cost'), 'total')),
    duplicate_of: text(at(wire, 'duplicate_of')),
    session_id: text(at(at(wire, 'session'), 'id')),
    user_id: text(at(at(wire, 'user'), 'id')),
    request_id: text(at(request, 'id')),
    response_id: text(at(response, 'id')),
    prompt: [text(at(prompt, 'name')), text(at(prompt, 'version'))].filter(Boolean).join(' ') || undefined,
    tool: text(at(at(wire, 'tool'), 'name')),
    agent: text(at(at(wire, 'agent'), 'name')),
    system: system.length > 0 ? [{ role: 'system', parts: system }] : undefined,
    input: at(at(wire, 'input'), 'messages'),
    output: at(at(wire, 'output'), 'messages'),
  };
}
