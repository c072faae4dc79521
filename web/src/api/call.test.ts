import { expect, test } from 'vitest';
import { readCall } from './call';

test('a call is read with what it tells and without what it does not', () => {
  const call = readCall({
    kind: 'llm',
    provider: 'openai',
    request: { model: 'gpt-4o' },
    response: { model: 'gpt-4o-2024-08-06', finish_reasons: [{ reason: 'stop', raw: 'stop' }] },
    usage: { input_tokens: 12, scope: 'own' },
    cost: { status: 'computed', total: 0.01, parts: [{ kind: 'input', tokens: 12, amount: 0.01 }] },
    system_instructions: [{ type: 'text', text: 'Be brief.' }],
  });
  expect(call).toMatchObject({
    kind: 'llm',
    asked: 'gpt-4o',
    answered: 'gpt-4o-2024-08-06',
    finish: ['stop'],
  });
  expect(call?.usage?.output_tokens).toBeUndefined();
  expect(call?.cost?.parts).toHaveLength(1);
  expect(call?.system).toEqual([{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }]);
});

test('what is no call is none', () => {
  for (const wire of [undefined, null, 7, 'llm', {}, { kind: '' }]) expect(readCall(wire)).toBeUndefined();
});
