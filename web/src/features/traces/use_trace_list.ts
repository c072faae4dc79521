import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { kPageSize, newestTraces, traceList } from '@/api/queries';
import type { TraceSummary } from '@/api/schemas';
import { isLive, type TraceListSearch, toQuestion } from './url_state';

const kLiveEvery = 2_000;
const kWaitingEvery = 1_000;
const kRetryEvery = 3_000;

// One trace can be on two pages when spans arrived between asking for them; the first, newer
// mention stands. `newer` replaces what is known of a trace without moving it.
export function joinPages(
  pages: readonly { items: readonly TraceSummary[] }[],
  newer: readonly TraceSummary[],
): TraceSummary[] {
  const fresh = new Map(newer.map((item) => [item.trace_id, item]));
  const joined = new Map<string, TraceSummary>();
  for (const page of pages) {
    for (const item of page.items) {
      if (!joined.has(item.trace_id)) joined.set(item.trace_id, fresh.get(item.trace_id) ?? item);
    }
  }
  return [...joined.values()];
}

// The list behind the URL. While it is live the first page is asked for again and again; `held`
// (someone points at the list, or has scrolled into it) keeps the rows where they are and counts
// what waits instead. TanStack Query stops the polling while the tab is hidden.
export function useTraceList(search: TraceListSearch, held: boolean) {
  const client = useQueryClient();
  const question = useMemo(() => toQuestion(search), [search]);
  const options = useMemo(() => traceList(question), [question]);
  const list = useInfiniteQuery({
    ...options,
    refetchInterval: (query) => (query.state.status === 'error' ? kRetryEvery : false),
  });

  const shown = list.isPlaceholderData ? undefined : list.data?.pages;
  const first = shown?.[0];
  const empty = first !== undefined && first.items.length === 0;
  const live = isLive(search);
  const newest = useQuery({
    ...newestTraces(question),
    enabled: live && first !== undefined,
    initialData: () => first,
    staleTime: kLiveEvery,
    refetchInterval: empty ? kWaitingEvery : kLiveEvery,
    retry: false,
  });

  const head = newest.data;
  const items = useMemo(
    () => joinPages(list.data?.pages ?? [], live ? (head?.items ?? []) : []),
    [list.data, head, live],
  );
  const waiting = useMemo(() => {
    const known = new Set(items.map((item) => item.trace_id));
    return (head?.items ?? []).filter((item) => !known.has(item.trace_id)).length;
  }, [items, head]);

  function showNewest() {
    if (head === undefined) return;
    client.setQueryData(options.queryKey, { pages: [head], pageParams: [options.initialPageParam] });
  }

  useEffect(() => {
    if (!live || held || head === undefined || head === first || first === undefined) return;
    client.setQueryData(options.queryKey, { pages: [head], pageParams: [options.initialPageParam] });
  }, [client, live, held, head, first, options]);

  return {
    items,
    live,
    empty,
    list,
    waiting: live && held ? waiting : 0,
    // A full first page of strangers: there may be more than the page could hold.
    waiting_more: waiting >= kPageSize,
    unreachable: newest.isError,
    showNewest,
  };
}
