import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { asApiError } from '@/api/client';
import { traceById } from '@/api/queries';
import type { Trace } from '@/api/schemas';
import { useMediaQuery, useSize, useTitle } from '@/base/hooks';
import { preferences, usePreferences } from '@/base/preferences';
import { useShortcuts } from '@/base/shortcuts';
import { nowNanos } from '@/base/time';
import { ErrorNotice } from '@/widgets/notice';
import { ResizeHandle } from '@/widgets/resize_handle';
import { Skeleton } from '@/widgets/skeleton';
import { FindField } from './find_field';
import { Minimap } from './minimap';
import { SpanDetail } from './span_detail';
import { BackLink, cameFromList, TraceHeader } from './trace_header';
import styles from './trace_page.module.css';
import { buildTree } from './tree';
import type { TraceSearch } from './url_state';
import { useTraceView } from './use_trace_view';
import { Waterfall } from './waterfall';

const route = getRouteApi('/trace/$traceId');

const kDetailMin = 320;
// A trace this young and small may still grow: it is asked for again.
const kYoung = 60_000_000_000n;
const kPollSpansMax = 5_000;
const kPollEvery = 3_000;

function mayGrow(trace: Trace | undefined): boolean {
  if (trace === undefined || trace.span_count > kPollSpansMax) return false;
  return nowNanos() - (trace.start_unix_nano + trace.duration_nano) < kYoung;
}

export function TracePage() {
  const { traceId } = route.useParams();
  const answer = useQuery({
    ...traceById(traceId),
    refetchInterval: (query) => (mayGrow(query.state.data) ? kPollEvery : false),
  });
  if (answer.data !== undefined) return <TraceView key={traceId} trace={answer.data} />;
  if (answer.isError) {
    const error = asApiError(answer.error);
    const absent = error.code === 'not_found';
    return (
      <main className={styles.page}>
        <div className={styles.alone}>
          <BackLink />
        </div>
        <ErrorNotice
          message={absent ? `No trace ${traceId} is stored here` : error.message}
          hint={absent ? 'It may not have arrived yet, or retention has removed it.' : error.hint}
          onRetry={() => void answer.refetch()}
        />
      </main>
    );
  }
  return <TraceSkeleton />;
}

function TraceView({ trace }: { trace: Trace }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const tree = useMemo(() => buildTree(trace.spans), [trace]);
  const scroller = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [main, size] = useSize<HTMLDivElement>();
  const [in_sight, setInSight] = useState<[number, number]>([0, 1]);
  const narrow = useMediaQuery('(max-width: 860px)');
  const { detail_width } = usePreferences();
  const replace = useCallback(
    (next: TraceSearch) =>
      void navigate({
        to: '/trace/$traceId',
        params: { traceId: trace.trace_id },
        search: next,
        replace: true,
      }),
    [navigate, trace.trace_id],
  );
  const view = useTraceView(tree, search, replace);
  const onScroll = useCallback((from: number, to: number) => setInSight([from, to]), []);
  useTitle(`${tree.spans[0]?.name ?? 'Trace'} · Telltale`);

  function stepBack() {
    if (view.selected >= 0) view.close();
    else if (view.find !== '') view.setFind('');
    else if (cameFromList()) history.back();
    else void navigate({ to: '/traces' });
  }

  useShortcuts({
    j: () => view.move(1),
    k: () => view.move(-1),
    ArrowDown: () => view.move(1),
    ArrowUp: () => view.move(-1),
    ArrowLeft: view.left,
    ArrowRight: view.right,
    Home: () => view.edge(false),
    End: () => view.edge(true),
    Enter: () => (view.selected >= 0 ? view.toggle(view.selected) : view.move(0)),
    e: view.nextError,
    n: () => view.nextFound(1),
    N: () => view.nextFound(-1),
    c: () => view.foldAll(!view.folded),
    z: view.zoomToSelected,
    '0': () => view.zoom(null),
    '/': () => field.current?.focus(),
    Escape: stepBack,
  });

  const detail_max = Math.max(window.innerWidth - 420, kDetailMin);
  const width = Math.min(Math.max(detail_width, kDetailMin), detail_max);
  return (
    <main className={styles.page}>
      <TraceHeader
        trace={trace}
        tree={tree}
        folded={view.folded}
        onFold={view.foldAll}
        onNextError={view.nextError}
        onSelect={view.selectId}
      />
      <div className={styles.split}>
        <div ref={main} className={styles.main}>
          <div className={styles.overview}>
            <Minimap
              tree={tree}
              view={view.view}
              rows_from={in_sight[0]}
              rows_to={in_sight[1]}
              onView={view.zoom}
            />
          </div>
          <Waterfall
            tree={tree}
            rows={view.rows}
            view={view.view}
            selected={view.selected}
            found={view.found_set}
            collapsed={view.collapsed}
            scroller={scroller}
            width={size.width}
            corner={
              <FindField
                field={field}
                text={view.find}
                count={view.found.length}
                current={view.found.indexOf(view.selected)}
                onText={view.setFind}
                onStep={view.nextFound}
              />
            }
            onToggle={view.toggle}
            onSelect={view.select}
            onScroll={onScroll}
          />
        </div>
        {view.selected >= 0 && (
          <div className={narrow ? styles.sheet : styles.side} style={narrow ? undefined : { width }}>
            {!narrow && (
              <ResizeHandle
                label="Width of the span's detail"
                value={width}
                min={kDetailMin}
                max={detail_max}
                direction={-1}
                onChange={(next) => preferences.update({ detail_width: next })}
              />
            )}
            <SpanDetail
              key={tree.spans[view.selected]!.spanId}
              trace={trace}
              tree={tree}
              position={view.selected}
              onSelect={view.selectId}
              onClose={view.close}
            />
          </div>
        )}
      </div>
    </main>
  );
}

const kSkeletonRows = [92, 64, 22, 41, 34, 12, 48, 27, 19, 31, 16, 24];

function TraceSkeleton() {
  return (
    <main className={styles.page} aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading the trace
      </span>
      <div className={styles.alone}>
        <BackLink />
        <Skeleton width={220} height={16} />
      </div>
      <div className={styles.skeleton} aria-hidden>
        {kSkeletonRows.map((width, index) => (
          <div key={width}>
            <Skeleton width={`${16 + (width % 13)}%`} />
            <span style={{ marginLeft: `${index * 3}%`, flex: 1 }}>
              <Skeleton width={`${width}%`} height={12} />
            </span>
          </div>
        ))}
      </div>
    </main>
  );
}
