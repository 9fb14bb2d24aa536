import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn, withIds } from '@/app/areas/root';
import {
  controlSearch,
  controlsSearch,
  eventsSearch,
  exclusionsSearch,
  frameworkSearch,
} from '@/app/governance-search';

export const governanceRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/exclusions',
    validateSearch: exclusionsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/exclusions'), 'ExclusionsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/controls',
    validateSearch: controlsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/controls'), 'ControlsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/controls/$controlId',
    ...withIds('controlId'),
    validateSearch: controlSearch,
    component: lazyRouteComponent(() => import('@/app/routes/control'), 'ControlRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/frameworks',
    component: lazyRouteComponent(() => import('@/app/routes/frameworks'), 'FrameworksRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/frameworks/$frameworkId',
    ...withIds('frameworkId'),
    validateSearch: frameworkSearch,
    component: lazyRouteComponent(() => import('@/app/routes/framework'), 'FrameworkRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/events',
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/events'), 'EventsRoute'),
  }),
] as const;
