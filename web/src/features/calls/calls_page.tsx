import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type RefObject, useCallback, useRef, useState } from 'react';
import { asApiError } from '@/api/client';
import { cx } from '@/base/class_names';
import { useTitle } from '@/base/hooks';
import { createListPlace, keyAfter, useListPlace } from '@/base/list_place';
import { useShortcuts } from '@/base/shortcuts';
import { ErrorNotice } from '@/widgets/notice';
import { keyOf } from './call_facts';
import { CallTable, TableSkeleton } from './call_table';
import styles from './calls_page.module.css';
import { FilterBar } from './filter_bar';
import { NoMatch } from './no_match';
import { type CallsSearch, type Order, withChange } from './url_state';
import { useCallList } from './use_call_list';

const route = getRouteApi('/calls');

const kPlace = createListPlace();
const kScrolled = 40;

export function CallsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [hovered, setHovered] = useState<string | null>(null);
  const [scrolled, setScrolled] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const place = useListPlace(kPlace, JSON.stringify(search), scroller, () => setHovered(null));
  const { active, setActive } = place;
  const calls = useCallList(search, hovered !== null || scrolled);
  useTitle('Calls · Telltale');

  const change = (next: CallsSearch) => navigate({ to: '/calls', search: next });
  const open = (key: string) => {
    const item = calls.items.find((call) => keyOf(call) === key);
    if (item === undefined) return false;
    place.leaveAt(key);
    navigate({
      to: '/trace/$traceId',
      params: { traceId: item.trace_id },
      search: { span: item.span_id },
    });
    return true;
  };

  function move(step: number) {
    const next = keyAfter(calls.items.map(keyOf), active, step);
    if (next !== undefined) setActive(next);
  }

  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (active === null ? false : open(active)),
    Escape: () => setActive(null),
  });

  return (
    <main className={styles.page}>
      <h1 className="visually-hidden">Calls</h1>
      <FilterBar search={search} onChange={change} />
      <div
        ref={scroller}
        className={cx(styles.list, calls.list.isPlaceholderData && styles.stale)}
        aria-busy={calls.list.isFetching && !calls.list.isFetchingNextPage}
        onScroll={(event) => {
          place.onScroll(event.currentTarget.scrollTop);
          setScrolled(event.currentTarget.scrollTop > kScrolled);
        }}
      >
        <ListBody
          calls={calls}
          search={search}
          active={active}
          scroller={scroller}
          offset={place.offset}
          onHover={setHovered}
          onChange={change}
        />
      </div>
    </main>
  );
}

interface ListBodyProps {
  calls: ReturnType<typeof useCallList>;
  search: CallsSearch;
  active: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  offset: number;
  onHover: (key: string | null) => void;
  onChange: (search: CallsSearch) => void;
}

function ListBody({ calls, search, active, scroller, offset, onHover, onChange }: ListBodyProps) {
  const { list, items } = calls;
  const { fetchNextPage } = list;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const order = search.sort ?? 'start';
  const onOrder = (sort: Order) => onChange(withChange(search, { sort }));
  if (list.isError && items.length === 0) {
    const error = asApiError(list.error);
    return <ErrorNotice message={error.message} hint={error.hint} onRetry={() => void list.refetch()} />;
  }
  if (list.isPending) return <TableSkeleton order={order} onOrder={onOrder} />;
  if (items.length === 0) return <NoMatch search={search} onChange={onChange} />;
  return (
    <CallTable
      items={items}
      order={order}
      active={active}
      scroller={scroller}
      more={list.hasNextPage}
      loading_more={list.isFetchingNextPage}
      offset={offset}
      onMore={onMore}
      onHover={onHover}
      onOrder={onOrder}
    />
  );
}
