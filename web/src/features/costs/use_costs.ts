import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { callSums, type SumQuestion } from '@/api/call_queries';
import { nowNanos } from '@/base/time';
import { timesOf } from './times';
import { type CostsSearch, kTables } from './url_state';

const kEvery_ms = 10_000;
const kEvery = BigInt(kEvery_ms) * 1_000_000n;
// The most that the server gives at once.
export const kTableRowsMax = 1_000;
const kUnpricedMax = 20;

// The end of the range, a little ahead so that what is new lies in it. Renewed while someone looks.
function useAskedAt(moves: boolean): bigint {
  const [at, setAt] = useState(nextTick);
  useEffect(() => {
    if (!moves) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setAt(nextTick());
    }, kEvery_ms);
    return () => clearInterval(timer);
  }, [moves]);
  return at;
}

// A round instant: whoever comes back within it finds the answers still there.
function nextTick(): bigint {
  return (nowNanos() / kEvery + 1n) * kEvery;
}

// All answers of the page, for one and the same range.
export function useCosts(search: CostsSearch) {
  const asked_at = useAskedAt(search.end === undefined);
  const times = useMemo(() => timesOf(search, asked_at), [search, asked_at]);
  const asked: SumQuestion = {
    service: search.service,
    start: times.start.toString(),
    end: times.end.toString(),
  };
  const step = `${times.step / 1_000_000_000n}s`;
  const whole = useQuery(callSums(asked));
  const sums = whole.data?.items[0];
  const some = { enabled: sums !== undefined };
  const steps = useQuery({ ...callSums({ ...asked, step }), ...some });
  const steps_by_model = useQuery({ ...callSums({ ...asked, step, by: 'model' }), ...some });
  const table = useQuery({
    ...callSums({
      ...asked,
      by: kTables[search.by ?? 'model'].by,
      sort: search.sort ?? 'cost',
      limit: kTableRowsMax,
    }),
    ...some,
  });
  const unpriced = useQuery({
    ...callSums({
      ...asked,
      by: 'model,provider,kind',
      cost_status: 'unpriced',
      sort: 'calls',
      limit: kUnpricedMax,
    }),
    enabled: (sums?.cost.unpriced_calls ?? 0) > 0,
  });
  return { times, whole, sums, steps, steps_by_model, table, unpriced };
}

export type Costs = ReturnType<typeof useCosts>;
