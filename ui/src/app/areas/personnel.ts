import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn, withIds } from '@/app/areas/root';
import { importSearch } from '@/app/import-search';
import { peopleSearch } from '@/app/personnel-search';
import { pageSearch } from '@/app/search';

export const personnelRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/personnel',
    validateSearch: peopleSearch,
    component: lazyRouteComponent(() => import('@/app/routes/personnel'), 'PersonnelRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/personnel/syncs',
    validateSearch: pageSearch,
    component: lazyRouteComponent(() => import('@/app/routes/identity-syncs'), 'IdentitySyncsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/personnel/groups',
    component: lazyRouteComponent(() => import('@/app/routes/personnel-groups'), 'PersonnelGroupsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/personnel/import',
    validateSearch: importSearch,
    component: lazyRouteComponent(() => import('@/app/routes/import'), 'PersonnelImportRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/personnel/$personId',
    ...withIds('personId'),
    component: lazyRouteComponent(() => import('@/app/routes/person'), 'PersonRoute'),
  }),
] as const;
