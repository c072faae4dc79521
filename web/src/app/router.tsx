import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { services } from '@/api/queries';
import { formatSearchRecord, parseSearchRecord } from '@/base/search_params';
import { assignServiceColors } from '@/components/service_color';
import { parseCallsSearch } from '@/features/calls/url_state';
import { parseCostsSearch } from '@/features/costs/url_state';
import { parseTraceSearch } from '@/features/trace/url_state';
import { TracesPage } from '@/features/traces/traces_page';
import { parseTraceListSearch } from '@/features/traces/url_state';
import { NotFound } from './not_found';
import { queryClient } from './query_client';
import { Shell } from './shell';

// Colours come first (service_color.ts), but no page waits long for them.
const kColorsWait = 500;

async function loadColors(): Promise<void> {
  const known = queryClient.ensureQueryData(services()).then(
    (list) => assignServiceColors(list.map((service) => service.name)),
    // The page itself asks again and says what is wrong.
    () => undefined,
  );
  await Promise.race([known, new Promise((resolve) => setTimeout(resolve, kColorsWait))]);
}

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  loader: loadColors,
  staleTime: Number.POSITIVE_INFINITY,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseTraceListSearch,
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/traces', search, replace: true });
  },
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  validateSearch: parseTraceListSearch,
  component: TracesPage,
});

const calls = createRoute({
  getParentRoute: () => root,
  path: '/calls',
  validateSearch: parseCallsSearch,
  component: lazyRouteComponent(() => import('@/features/calls/calls_page'), 'CallsPage'),
});

const costs = createRoute({
  getParentRoute: () => root,
  path: '/costs',
  validateSearch: parseCostsSearch,
  component: lazyRouteComponent(() => import('@/features/costs/costs_page'), 'CostsPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/trace/$traceId',
  validateSearch: parseTraceSearch,
  component: lazyRouteComponent(() => import('@/features/trace/trace_page'), 'TracePage'),
});

export const router = createRouter({
  routeTree: root.addChildren([home, traces, calls, costs, trace]),
  parseSearch: parseSearchRecord,
  stringifySearch: formatSearchRecord,
  // Every page scrolls inside its own regions.
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
