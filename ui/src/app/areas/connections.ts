import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn, withIds } from '@/app/areas/root';
import { pageSearch, resourceSearch } from '@/app/search';

export const connectionRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections',
    validateSearch: pageSearch,
    component: lazyRouteComponent(() => import('@/app/routes/connections'), 'ConnectionsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/$connectionId',
    ...withIds('connectionId'),
    component: lazyRouteComponent(() => import('@/app/routes/connection'), 'ConnectionRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/$connectionId/resources/$resourceId',
    ...withIds('connectionId', 'resourceId'),
    validateSearch: resourceSearch,
    component: lazyRouteComponent(() => import('@/app/routes/resource'), 'ResourceRoute'),
  }),
] as const;
