import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountsSearch, reviewSearch, reviewsSearch } from '@/app/account-search';
import { signedIn, withIds } from '@/app/areas/root';

export const accountsRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/accounts',
    validateSearch: accountsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/accounts'), 'AccountsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/access-reviews',
    validateSearch: reviewsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/access-reviews'), 'AccessReviewsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/access-reviews/$reviewId',
    ...withIds('reviewId'),
    validateSearch: reviewSearch,
    component: lazyRouteComponent(() => import('@/app/routes/access-review'), 'AccessReviewRoute'),
  }),
] as const;
