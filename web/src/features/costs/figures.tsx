import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { CallSum } from '@/api/schemas';
import { formatDuration } from '@/base/duration';
import { formatCompact, formatCount, formatShare, plural } from '@/base/format';
import { tokensOf } from '@/components/call_sums';
import { CostSum, TokenSum } from '@/components/sum';
import { Skeleton } from '@/widgets/skeleton';
import { callsBehind } from './calls_behind';
import styles from './figures.module.css';
import type { CostsSearch } from './url_state';

interface FiguresProps {
  sums: CallSum;
  search: CostsSearch;
}

// What all calls of the range add up to.
export function Figures({ sums, search }: FiguresProps) {
  const { cost } = sums;
  return (
    <dl className={styles.figures} data-testid="figures">
      <Figure name="Cost" value={<CostSum cost={cost} />} more={costMore(sums)} />
      <Figure
        name="Model calls"
        value={formatCount(sums.calls)}
        more={
          sums.calls > 0 &&
          `median ${formatDuration(sums.duration_nano.p50)}, p95 ${formatDuration(sums.duration_nano.p95)}`
        }
      />
      <Figure name="Tokens" value={<TokenSum sums={sums} />} more={tokensMore(sums)} />
      <Figure
        name="Unpriced calls"
        value={formatCount(cost.unpriced_calls)}
        tone={cost.unpriced_calls > 0 ? 'warn' : undefined}
        more={
          cost.no_usage_calls > 0 && (
            <Link to="/calls" search={callsBehind(search, { cost_status: 'no_usage' })}>
              {formatCount(cost.no_usage_calls)} more told no usage
            </Link>
          )
        }
      />
      <Figure
        name="Failed calls"
        value={formatCount(sums.errors)}
        tone={sums.errors > 0 ? 'error' : undefined}
        more={
          sums.errors > 0 && (
            <Link to="/calls" search={callsBehind(search, { status: 'error' })}>
              {formatShare(sums.errors, sums.calls)} of all calls
            </Link>
          )
        }
      />
    </dl>
  );
}

function costMore({ cost }: CallSum): string | false {
  if (cost.reported_calls === 0) return cost.computed_calls > 0 && 'by the price table';
  if (cost.computed_calls === 0) return 'as the senders told';
  return `of ${plural(cost.reported_calls, 'call')} as the sender told`;
}

function tokensMore(sums: CallSum): string | false {
  if (tokensOf(sums) === 0) return false;
  const cached =
    sums.cache_read_tokens > 0
      ? ` (${formatShare(sums.cache_read_tokens, sums.input_tokens)} from cache)`
      : '';
  return `${formatCompact(sums.input_tokens)} in${cached}, ${formatCompact(sums.output_tokens)} out`;
}

interface FigureProps {
  name: string;
  value: ReactNode;
  more: ReactNode;
  tone?: 'warn' | 'error' | undefined;
}

function Figure({ name, value, more, tone }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={styles.value} data-tone={tone}>
        {value}
      </dd>
      <dd className={styles.more}>{more}</dd>
    </div>
  );
}

const kNames = ['Cost', 'Model calls', 'Tokens', 'Unpriced calls', 'Failed calls'];

export function FiguresSkeleton() {
  return (
    <dl className={styles.figures} aria-hidden>
      {kNames.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={styles.value}>
            <Skeleton width={84} height={20} />
          </dd>
          <dd className={styles.more}>
            <Skeleton width={120} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
