import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { catalogSearch, connectionSearch, connectionsSearch, newConnectionSearch } from '@/app/connection-search';
import { signedIn, withIds } from '@/app/areas/root';
import { resourceSearch } from '@/app/search';

const ofResource = withIds('connectionId', 'resourceId');

export const connectionRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections',
    validateSearch: connectionsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/connections'), 'ConnectionsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/available',
    validateSearch: catalogSearch,
    component: lazyRouteComponent(() => import('@/app/routes/catalog'), 'CatalogRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/new',
    validateSearch: newConnectionSearch,
    component: lazyRouteComponent(() => import('@/app/routes/connection-new'), 'NewConnectionRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/$connectionId',
    ...withIds('connectionId'),
    validateSearch: connectionSearch,
    component: lazyRouteComponent(() => import('@/app/routes/connection'), 'ConnectionRoute'),
  }),
  // The address of a resource leads to its records, within the page of its connection.
  createRoute({
    getParentRoute: () => signedIn,
    path: '/connections/$connectionId/resources/$resourceId',
    ...ofResource,
    validateSearch: resourceSearch,
    beforeLoad: (context) => {
      ofResource.beforeLoad(context);
      const { connectionId, resourceId } = context.params;
      throw redirect({
        to: '/connections/$connectionId',
        params: { connectionId },
        search: (search: object) => ({ ...search, tab: 'records' as const, resource: resourceId }),
        replace: true,
      });
    },
  }),
] as const;
