import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn, withIds } from '@/app/areas/root';
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
] as const;
