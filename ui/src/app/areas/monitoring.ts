import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn, withIds } from '@/app/areas/root';
import { builderSearch, newTestSearch } from '@/app/search-builder';
import { testSearch, testsSearch } from '@/app/search-tests';

export const monitoringRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/tests',
    validateSearch: testsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/tests'), 'TestsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/tests/$testId',
    ...withIds('testId'),
    validateSearch: testSearch,
    component: lazyRouteComponent(() => import('@/app/routes/test'), 'TestRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/tests/new',
    validateSearch: newTestSearch,
    component: lazyRouteComponent(() => import('@/app/routes/builder'), 'NewTestRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/tests/$testId/edit',
    ...withIds('testId'),
    validateSearch: builderSearch,
    component: lazyRouteComponent(() => import('@/app/routes/builder'), 'EditTestRoute'),
  }),
] as const;
