import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { callList } from '@/api/call_queries';
import type { CallItem } from '@/api/schemas';
import { keyOf } from './call_facts';
import { type CallsSearch, toQuestion } from './url_state';

const kEvery = 4_000;
const kRetryEvery = 3_000;

// A call can be on two pages when it was settled anew between asking for them.
export function joinPages(pages: readonly { items: readonly CallItem[] }[]): CallItem[] {
  const joined = new Map<string, CallItem>();
  for (const page of pages) {
    for (const item of page.items) if (!joined.has(keyOf(item))) joined.set(keyOf(item), item);
  }
  return [...joined.values()];
}

// The list behind the URL. It is asked for again and again while only its first page is loaded and
// nobody is at it (`held`): rows do not move under a pointer.
export function useCallList(search: CallsSearch, held: boolean) {
  const question = useMemo(() => toQuestion(search), [search]);
  const list = useInfiniteQuery({
    ...callList(question),
    refetchInterval: (query) => {
      if (query.state.status === 'error') return kRetryEvery;
      const pages = query.state.data?.pages.length ?? 0;
      return pages === 1 && !held && search.end === undefined ? kEvery : false;
    },
  });
  const items = useMemo(() => joinPages(list.data?.pages ?? []), [list.data]);
  return { list, items };
}
