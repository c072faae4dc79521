import { expect, it } from 'vitest';
import { sumOf } from './fixtures';
import { priceCommand, shellQuoted } from './price_command';

it('the command names provider and model and leaves the price to the reader', () => {
  expect(priceCommand(sumOf({ model: 'house/chat-1', provider: 'ollama', kind: 'llm' }))).toBe(
    'telltale prices add --prices prices.toml --provider ollama --model house/chat-1 --input DOLLARS --output DOLLARS',
  );
});

it('an embedding has no output, and an untold provider is a word to replace', () => {
  expect(priceCommand(sumOf({ model: 'e', provider: '', kind: 'embedding' }))).toBe(
    'telltale prices add --prices prices.toml --provider PROVIDER --model e --kind embedding --input DOLLARS',
  );
});

it('a name with anything odd in it is quoted for the shell', () => {
  expect(shellQuoted('my model')).toBe("'my model'");
  expect(shellQuoted("it's $(rm)")).toBe(`'it'\\''s $(rm)'`);
  expect(shellQuoted('')).toBe("''");
});
