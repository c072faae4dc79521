import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getJson } from './client';
import { callPage, callSumList } from './schemas';

// Questions about calls: the list of them, and sums over them.

export interface CallFilter {
  service?: string | undefined;
  kind?: string | undefined;
  provider?: string | undefined;
  model?: string | undefined;
  conversation?: string | undefined;
  user?: string | undefined;
  prompt?: string | undefined;
  agent?: string | undefined;
  trace_id?: string | undefined;
  status?: string | undefined;
  cost_status?: string | undefined;
}

export interface CallQuestion extends CallFilter {
  sort: string;
  // Either a span of time that ends now, or fixed ends in RFC 3339.
  last_ms?: number | undefined;
  start?: string | undefined;
  end?: string | undefined;
}

const kCallPageSize = 200;

export function callList(question: CallQuestion) {
  const { last_ms, ...given } = question;
  return infiniteQueryOptions({
    queryKey: ['calls', question],
    queryFn: ({ pageParam, signal }) => {
      const start = last_ms === undefined ? given.start : new Date(Date.now() - last_ms).toISOString();
      // A cursor keeps the time range of the first page, whatever start says.
      const params = { ...given, start, limit: kCallPageSize, cursor: pageParam ?? undefined };
      return getJson('/api/v1/calls', params, callPage, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

export interface SumQuestion extends CallFilter {
  // Dimensions with commas; none: one row in all.
  by?: string | undefined;
  step?: string | undefined;
  sort?: string | undefined;
  limit?: number | undefined;
  start?: string | undefined;
  end?: string | undefined;
}

// A page asks with the same ends for all that it shows at once, so that its figures agree; the
// key then changes with time and an old answer is soon forgotten.
export function callSums(question: SumQuestion) {
  return queryOptions({
    queryKey: ['call_sums', question] as const,
    queryFn: ({ signal }) => getJson('/api/v1/aggregate', { ...question }, callSumList, signal),
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    // The answer of a moment ago stands in for the next, but not for one by something else.
    placeholderData: (before, query) => (query?.queryKey[1].by === question.by ? before : undefined),
  });
}
