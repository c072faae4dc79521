import type { CallSum } from '@/api/schemas';

// Price rules know fewer kinds than calls; without one a rule is of a chat.
const kRuleKinds: Record<string, string> = { embedding: 'embedding', reranker: 'rerank' };

export function shellQuoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

// What gives the model a price. The amounts are words: a figure would be taken as it stands.
export function priceCommand(row: CallSum): string {
  const { model = '', provider = '', kind = '' } = row.key;
  const rule_kind = kRuleKinds[kind];
  return [
    'telltale prices add --prices prices.toml',
    `--provider ${provider === '' ? 'PROVIDER' : shellQuoted(provider)}`,
    `--model ${shellQuoted(model)}`,
    rule_kind === undefined ? '--input DOLLARS --output DOLLARS' : `--kind ${rule_kind} --input DOLLARS`,
  ].join(' ');
}
