// Spans that are calls of models, for the pages that sum and list them.
import { newTraceId, request, span } from './spans.mjs';

// What the price table says, in dollars a million tokens.
export const kPrices = { 'gpt-4o': { input: 2.5, output: 10 }, 'gpt-4o-mini': { input: 0.15, output: 0.6 } };

// A trace of one call. Without tokens its sender tells no usage.
export function call({ service = 'web', name, at, ms = 500, model, provider = 'openai', tokens, attributes, ...rest }) {
  const trace_id = newTraceId();
  const told =
    tokens === undefined
      ? {}
      : {
          'gen_ai.usage.input_tokens': BigInt(tokens[0]),
          'gen_ai.usage.output_tokens': BigInt(tokens[1]),
        };
  const one = span({
    trace_id,
    name: name ?? `chat ${model}`,
    at,
    ms,
    kind: 3,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      ...told,
      ...attributes,
    },
    ...rest,
  });
  return { trace_id, span_id: one.spanId, service, span: one };
}

// Sends the calls in one request and waits until all of them are counted.
export async function sendCalls(telltale, calls, until) {
  const by_service = {};
  for (const { service, span: one } of calls) (by_service[service] ??= []).push(one);
  const before = await countOf(telltale);
  await telltale.send(request(by_service));
  await until(`${calls.length} calls are counted`, async () => (await countOf(telltale)) === before + calls.length);
}

async function countOf(telltale) {
  const { items } = await telltale.api('/api/v1/aggregate');
  return items[0]?.calls ?? 0;
}
