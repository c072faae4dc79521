import { useMemo } from 'react';
import type { Call, CallCost, CallUsage } from '@/api/call';
import { formatCount, formatDollars } from '@/base/format';
import { costReason } from '@/components/cost_reason';
import { readMessages } from '@/components/messages';
import { ValueView } from '@/components/value_view';
import styles from './call_section.module.css';

interface CallSectionProps {
  call: Call;
  onSelect: (span_id: string) => void;
}

// What the span says about a model call, a tool or an agent: who was asked, what it took, what
// it cost and why, and what was said.
export function CallSection({ call, onSelect }: CallSectionProps) {
  return (
    <div className={styles.call} data-testid="call">
      <dl className={styles.facts}>
        <Fact name="Provider" value={call.provider} />
        <Fact name="Model" value={modelOf(call)} />
        <Fact name="Tool" value={call.tool} />
        <Fact name="Finish reason" value={call.finish.join(', ')} />
        <Fact
          name="First token after"
          value={call.time_to_first_token === undefined ? undefined : `${call.time_to_first_token} s`}
        />
        <Fact name="Prompt" value={call.prompt} />
        <Fact name="Conversation" value={call.session_id} />
        <Fact name="User" value={call.user_id} />
        <Fact name="Request id" value={call.request_id} />
        <Fact name="Response id" value={call.response_id} />
      </dl>
      {call.duplicate_of !== undefined && (
        <p className={styles.note}>
          The same call is told by another span and counted there:{' '}
          <button type="button" onClick={() => onSelect(call.duplicate_of ?? '')}>
            <code>{call.duplicate_of}</code>
          </button>
        </p>
      )}
      {call.usage !== undefined && <Usage usage={call.usage} />}
      {call.cost !== undefined && <Cost cost={call.cost} reported={call.reported_cost} />}
      <Messages value={call.system} />
      <Messages value={call.input} />
      <Messages value={call.output} />
    </div>
  );
}

function modelOf(call: Call): string | undefined {
  if (call.asked === undefined || call.answered === undefined || call.asked === call.answered)
    return call.answered ?? call.asked;
  return `${call.answered} (asked for ${call.asked})`;
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  if (value === undefined || value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function count(value: number | undefined, words: string): string | undefined {
  return value === undefined ? undefined : `${formatCount(value)} ${words}`;
}

function Usage({ usage }: { usage: CallUsage }) {
  const of_input = [
    count(usage.cache_read_tokens, 'read from cache'),
    count(usage.cache_write_tokens, 'written to cache'),
  ];
  const told = (parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join(', ');
  return (
    <dl className={styles.facts}>
      <Fact name="Input tokens" value={join(count(usage.input_tokens, ''), told(of_input))} />
      <Fact
        name="Output tokens"
        value={join(count(usage.output_tokens, ''), told([count(usage.reasoning_tokens, 'of reasoning')]))}
      />
      <Fact
        name="Counted"
        value={
          usage.scope === 'aggregate'
            ? 'a sum over other spans, not added again'
            : usage.cache_convention === 'exclusive'
              ? 'the sender left cached tokens out; they are added'
              : undefined
        }
      />
    </dl>
  );
}

function join(first: string | undefined, rest: string): string | undefined {
  if (first === undefined) return undefined;
  return rest === '' ? first.trim() : `${first.trim()}, of them ${rest}`;
}

function Cost({ cost, reported }: { cost: CallCost; reported: number | undefined }) {
  return (
    <div className={styles.cost}>
      <p className={styles.total}>
        <b>{cost.total === undefined ? 'Cost unknown' : formatDollars(cost.total)}</b>
        {cost.status === 'reported' && ' as the sender told'}
        {cost.reason !== undefined && `: ${costReason(cost.reason)}`}
        {cost.status === 'computed' &&
          reported !== undefined &&
          `, the sender told ${formatDollars(reported)}`}
      </p>
      {cost.parts.length > 0 && (
        <table>
          <tbody>
            {cost.parts.map((part) => (
              <tr key={part.kind}>
                <td>{part.kind.replaceAll('_', ' ')}</td>
                <td>{formatCount(part.tokens ?? part.count ?? 0)}</td>
                <td>
                  {part.price_per_million !== undefined
                    ? `${formatDollars(part.price_per_million)} a million`
                    : `${formatDollars(part.price ?? 0)} each`}
                </td>
                <td>{formatDollars(part.amount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {cost.rule !== undefined && (
        <p className={styles.rule}>
          rule <code>{cost.rule}</code>, {cost.match} match, prices of {cost.table_version}
        </p>
      )}
    </div>
  );
}

function Messages({ value }: { value: unknown }) {
  const messages = useMemo(() => readMessages(value), [value]);
  return messages === null ? null : <ValueView shape={{ form: 'messages', messages }} />;
}
