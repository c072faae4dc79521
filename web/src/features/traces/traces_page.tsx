import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowUp } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { asApiError } from '@/api/client';
import { serverStats } from '@/api/queries';
import { cx } from '@/base/class_names';
import { useTitle } from '@/base/hooks';
import { createListPlace, keyAfter, useListPlace } from '@/base/list_place';
import { useShortcuts } from '@/base/shortcuts';
import { ErrorNotice } from '@/widgets/notice';
import { FirstTrace } from './first_trace';
import { NoMatch } from './no_match';
import { QueryBar } from './query_bar';
import { TraceScatter } from './trace_scatter';
import { TableSkeleton, TraceTable } from './trace_table';
import styles from './traces_page.module.css';
import { hasFilters, type TraceListSearch } from './url_state';
import { useTraceList } from './use_trace_list';

const route = getRouteApi('/traces');

const kPlace = createListPlace();
const kScrolled = 40;

export function TracesPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [hovered, setHovered] = useState<string | null>(null);
  const [scrolled, setScrolled] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const place = useListPlace(kPlace, JSON.stringify(search), scroller, () => setHovered(null));
  const { active, setActive } = place;
  const field = useRef<HTMLInputElement>(null);
  const held = hovered !== null || scrolled;
  const traces = useTraceList(search, held);
  const stats = useQuery(serverStats());
  useTitle(search.service === undefined ? 'Traces · Telltale' : `${search.service} · Traces · Telltale`);

  const change = (next: TraceListSearch) => navigate({ to: '/traces', search: next });
  const open = (traceId: string) => {
    place.leaveAt(traceId);
    navigate({ to: '/trace/$traceId', params: { traceId } });
  };

  function move(step: number) {
    const next = keyAfter(
      traces.items.map((item) => item.trace_id),
      active,
      step,
    );
    if (next !== undefined) setActive(next);
  }

  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (active === null ? false : open(active)),
    '/': () => field.current?.focus(),
    Escape: () => setActive(null),
  });

  const { fetchNextPage } = traces.list;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  return (
    <main className={styles.page}>
      <h1 className="visually-hidden">Traces</h1>
      <QueryBar
        search={search}
        field={field}
        live={traces.live}
        held={held}
        onChange={change}
        onOpenTrace={open}
      />
      {traces.items.length > 0 && (
        <TraceScatter
          items={traces.items}
          search={search}
          whole={!traces.list.hasNextPage}
          marked={hovered}
          onHover={setHovered}
          onOpen={open}
        />
      )}
      <div
        ref={scroller}
        className={cx(styles.list, traces.list.isPlaceholderData && styles.stale)}
        aria-busy={traces.list.isFetching && !traces.list.isFetchingNextPage}
        onScroll={(event) => {
          place.onScroll(event.currentTarget.scrollTop);
          setScrolled(event.currentTarget.scrollTop > kScrolled);
        }}
      >
        <ListBody
          traces={traces}
          search={search}
          stats={stats.data}
          active={active}
          scroller={scroller}
          offset={place.offset}
          onMore={onMore}
          onHover={setHovered}
          onChange={change}
        />
      </div>
      {traces.waiting > 0 && (
        <button
          type="button"
          className={styles.fresh}
          onClick={() => {
            traces.showNewest();
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          <ArrowUp size={13} aria-hidden />
          {traces.waiting}
          {traces.waiting_more ? '+' : ''} new
        </button>
      )}
    </main>
  );
}

interface ListBodyProps {
  traces: ReturnType<typeof useTraceList>;
  search: TraceListSearch;
  stats: Parameters<typeof FirstTrace>[0]['stats'];
  active: string | null;
  scroller: React.RefObject<HTMLDivElement | null>;
  offset: number;
  onMore: () => void;
  onHover: (trace_id: string | null) => void;
  onChange: (search: TraceListSearch) => void;
}

function ListBody({
  traces,
  search,
  stats,
  active,
  scroller,
  offset,
  onMore,
  onHover,
  onChange,
}: ListBodyProps) {
  const { list, items } = traces;
  if (list.isError && items.length === 0) {
    const error = asApiError(list.error);
    return <ErrorNotice message={error.message} hint={error.hint} onRetry={() => void list.refetch()} />;
  }
  if (list.isPending) return <TableSkeleton />;
  if (items.length === 0) {
    // Until the statistics say otherwise, an empty list without filters is an empty store.
    const nothing_stored = (stats?.spans_stored ?? 0) === 0 && !hasFilters(search);
    return nothing_stored ? (
      <FirstTrace stats={stats} />
    ) : (
      <NoMatch search={search} stats={stats} onChange={onChange} />
    );
  }
  return (
    <TraceTable
      items={items}
      active={active}
      scroller={scroller}
      more={list.hasNextPage}
      loading_more={list.isFetchingNextPage}
      offset={offset}
      onMore={onMore}
      onHover={onHover}
    />
  );
}
