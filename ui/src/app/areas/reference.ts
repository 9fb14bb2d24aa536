import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '@/app/areas/root';
import { referenceSearch } from '@/app/search';

export const referenceRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/docs',
    validateSearch: referenceSearch,
    component: lazyRouteComponent(() => import('@/app/routes/reference'), 'ReferenceRoute'),
  }),
] as const;
