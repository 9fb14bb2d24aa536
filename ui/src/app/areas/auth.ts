import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root, signedIn } from '@/app/areas/root';
import { signInSearch } from '@/app/search';

/** The pages on which nobody is signed in yet. */
export const authRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    validateSearch: signInSearch,
    component: lazyRouteComponent(() => import('@/app/routes/sign-in'), 'SignInRoute'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/set-up',
    component: lazyRouteComponent(() => import('@/app/routes/set-up'), 'SetUpRoute'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/invitation',
    component: lazyRouteComponent(() => import('@/app/routes/invitation'), 'InvitationRoute'),
  }),
] as const;

export const accountRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/account',
    component: lazyRouteComponent(() => import('@/app/routes/account'), 'AccountRoute'),
  }),
] as const;
