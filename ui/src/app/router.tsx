import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  retainSearchParams,
} from '@tanstack/react-router';
import { KeyGate } from '@/app/key-gate';
import { Crash, NotFound } from '@/app/not-found';
import { ConnectionRoute } from '@/app/routes/connection';
import { ConnectionsRoute } from '@/app/routes/connections';
import { OverviewRoute } from '@/app/routes/overview';
import { ResourceRoute } from '@/app/routes/resource';
import { TestRoute } from '@/app/routes/test';
import { TestsRoute } from '@/app/routes/tests';
import {
  idOf,
  pageSearch,
  parseSearch,
  referenceSearch,
  resourceSearch,
  stringifySearch,
  testSearch,
  testsSearch,
  workspaceSearch,
} from '@/app/search';
import { Shell } from '@/app/shell';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: workspaceSearch,
  search: { middlewares: [retainSearchParams(['workspace'])] },
});

// Everything but the API reference reads data, and so needs a key.
const keyed = createRoute({
  getParentRoute: () => root,
  id: 'keyed',
  component: () => (
    <KeyGate>
      <Outlet />
    </KeyGate>
  ),
});

function existing(...ids: number[]): void {
  if (ids.some(Number.isNaN)) throw notFound();
}

const overview = createRoute({ getParentRoute: () => keyed, path: '/', component: OverviewRoute });

const connections = createRoute({
  getParentRoute: () => keyed,
  path: '/connections',
  validateSearch: pageSearch,
  component: ConnectionsRoute,
});

const connection = createRoute({
  getParentRoute: () => keyed,
  path: '/connections/$connectionId',
  params: {
    parse: ({ connectionId }) => ({ connectionId: idOf(connectionId) }),
    stringify: ({ connectionId }) => ({ connectionId: String(connectionId) }),
  },
  beforeLoad: ({ params }) => {
    existing(params.connectionId);
  },
  component: ConnectionRoute,
});

const resource = createRoute({
  getParentRoute: () => keyed,
  path: '/connections/$connectionId/resources/$resourceId',
  params: {
    parse: ({ connectionId, resourceId }) => ({ connectionId: idOf(connectionId), resourceId: idOf(resourceId) }),
    stringify: ({ connectionId, resourceId }) => ({
      connectionId: String(connectionId),
      resourceId: String(resourceId),
    }),
  },
  beforeLoad: ({ params }) => {
    existing(params.connectionId, params.resourceId);
  },
  validateSearch: resourceSearch,
  component: ResourceRoute,
});

const tests = createRoute({
  getParentRoute: () => keyed,
  path: '/tests',
  validateSearch: testsSearch,
  component: TestsRoute,
});

const test = createRoute({
  getParentRoute: () => keyed,
  path: '/tests/$testId',
  params: {
    parse: ({ testId }) => ({ testId: idOf(testId) }),
    stringify: ({ testId }) => ({ testId: String(testId) }),
  },
  beforeLoad: ({ params }) => {
    existing(params.testId);
  },
  validateSearch: testSearch,
  component: TestRoute,
});

const reference = createRoute({
  getParentRoute: () => root,
  path: '/docs',
  validateSearch: referenceSearch,
  component: lazyRouteComponent(() => import('@/app/routes/reference'), 'ReferenceRoute'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    keyed.addChildren([overview, connections, connection, resource, tests, test]),
    reference,
  ]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: Crash,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
