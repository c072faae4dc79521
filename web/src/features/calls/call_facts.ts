import type { Call } from '@/api/call';
import type { CallItem } from '@/api/schemas';
import { formatDuration } from '@/base/duration';
import { formatCompact, formatCount, formatDollars, formatDollarsShort, plural } from '@/base/format';
import { formatAge } from '@/base/time';
import { costReason } from '@/components/cost_reason';

// What a row of the list says of a call, as text: `title` has the words behind a figure.
export interface Fact {
  text: string;
  // A word for the absence of a figure.
  absent: boolean;
  title: string | undefined;
}

const kModelKinds = new Set(['llm', 'completion', 'embedding', 'reranker']);

export function asksModel(call: Call): boolean {
  return kModelKinds.has(call.kind);
}

export function keyOf(item: CallItem): string {
  return `${item.trace_id}/${item.span_id}`;
}

// The model that answered, else the one asked for; a tool or an agent by its name.
export function subjectOf(call: Call): string {
  return call.answered ?? call.asked ?? call.tool ?? call.agent ?? '';
}

export function tokensFact(call: Call): Fact | null {
  const { usage } = call;
  if (usage?.input_tokens === undefined && usage?.output_tokens === undefined) {
    return asksModel(call)
      ? { text: 'no usage', absent: true, title: 'The sender told no token counts' }
      : null;
  }
  const parts = [
    usage.input_tokens !== undefined && `${formatCount(usage.input_tokens)} in`,
    usage.output_tokens !== undefined && `${formatCount(usage.output_tokens)} out`,
    (usage.cache_read_tokens ?? 0) > 0 && `${formatCount(usage.cache_read_tokens ?? 0)} of it from cache`,
    usage.scope === 'aggregate' && 'a sum over other calls',
  ].filter((part) => part !== false);
  return {
    text: formatCompact((usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)),
    absent: false,
    title: parts.join(', '),
  };
}

export function costFact(call: Call): Fact | null {
  const { cost } = call;
  if (cost === undefined) return null;
  if (cost.total !== undefined) {
    const by =
      cost.status === 'reported'
        ? 'as the sender told'
        : cost.rule !== undefined && `rule ${cost.rule}, prices of ${cost.table_version}`;
    return {
      text: formatDollarsShort(cost.total),
      absent: false,
      title: [formatDollars(cost.total), by].filter(Boolean).join(', '),
    };
  }
  const text = cost.status.replaceAll('_', ' ');
  return { text, absent: true, title: cost.reason === undefined ? undefined : costReason(cost.reason) };
}

// Why a call adds nothing to sums; null where it does.
export function notCounted(item: CallItem, call: Call): string | null {
  if (item.counts) return null;
  if (call.duplicate_of !== undefined) return 'Another span tells the same call, and is counted';
  return call.usage?.scope === 'aggregate'
    ? 'Its tokens are a sum over other calls, and counted there'
    : 'Its tokens are counted elsewhere';
}

// What a screen reader says of the row after its name; the cells are for the eye.
export function describe(item: CallItem, call: Call, now: bigint): string {
  const cost = costFact(call);
  const { usage } = call;
  const tokens = (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0);
  const parts = [
    call.kind,
    subjectOf(call),
    item.service,
    usage !== undefined && plural(tokens, 'token'),
    cost?.text,
    formatDuration(item.duration_nano),
    call.failed && 'failed',
    !item.counts && 'not counted',
    formatAge(item.start_unix_nano, now),
  ].filter(Boolean);
  return ` ${parts.join(', ')}`;
}
