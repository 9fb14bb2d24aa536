import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { signedIn } from '@/app/areas/root';
import { deliverySearch, pageSearch, peopleSearch } from '@/app/search';

const pages = () => import('@/app/routes/settings');

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings',
    beforeLoad: () => {
      throw redirect({ to: '/settings/organisation' });
    },
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/organisation',
    component: lazyRouteComponent(pages, 'OrganisationRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/workspaces',
    component: lazyRouteComponent(pages, 'WorkspacesRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/people',
    validateSearch: peopleSearch,
    component: lazyRouteComponent(pages, 'PeopleRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/keys',
    validateSearch: pageSearch,
    component: lazyRouteComponent(pages, 'KeysRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/notifications',
    validateSearch: deliverySearch,
    component: lazyRouteComponent(() => import('@/app/routes/notifications'), 'NotificationsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/custom-fields',
    component: lazyRouteComponent(pages, 'CustomFieldsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/policies',
    component: lazyRouteComponent(pages, 'PoliciesRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/settings/ai-provider',
    component: lazyRouteComponent(pages, 'AIProviderRoute'),
  }),
] as const;
