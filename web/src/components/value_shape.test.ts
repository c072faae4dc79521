import { describe, expect, it } from 'vitest';
import { readMessages } from './messages';
import { shapeOf } from './value_shape';

const text = (value: string) => shapeOf({ type: 'string', value });

describe('shapeOf', () => {
  it('sees JSON in a string', () => {
    expect(text('{"a":[1]}')).toEqual({ form: 'json', value: { a: [1] } });
  });

  it('leaves text that only looks like JSON as text', () => {
    expect(text('{not json}')).toEqual({ form: 'inline', text: '{not json}', kind: 'string' });
  });

  it('gives long or broken text a block of its own', () => {
    expect(text('a\nb').form).toBe('text');
    expect(text('a'.repeat(500)).form).toBe('text');
  });

  it('sees chat messages by their shape', () => {
    const shape = text('[{"role":"user","content":"Hello"}]');
    expect(shape).toEqual({
      form: 'messages',
      messages: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
    });
  });

  it('shows bytes as hexadecimal', () => {
    expect(shapeOf({ type: 'bytes', value: btoa('\x00\xff') })).toMatchObject({ text: '2 bytes: 00 ff' });
    expect(shapeOf({ type: 'bytes', value: '%%' })).toMatchObject({ text: 'bytes that are not base64' });
  });
});

describe('readMessages', () => {
  it('reads a tool call and its arguments, however they are written', () => {
    const call = {
      role: 'assistant',
      tool_calls: [{ type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
    };
    const part = { role: 'assistant', parts: [{ type: 'tool_call', name: 'find', arguments: { q: 1 } }] };
    const wanted = [{ role: 'assistant', parts: [{ kind: 'data', title: 'calls find', value: { q: 1 } }] }];
    expect(readMessages([call])).toEqual(wanted);
    expect(readMessages([part])).toEqual(wanted);
  });

  it('leaves every other list alone', () => {
    expect(readMessages([])).toBeNull();
    expect(readMessages([{ role: 'user', content: 'x' }, 7])).toBeNull();
    expect(readMessages([{ role: 'admin' }])).toBeNull();
  });
});
