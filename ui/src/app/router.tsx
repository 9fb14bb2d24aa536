import { createRouter } from '@tanstack/react-router';
import { accountsRoutes } from '@/app/areas/accounts';
import { assetRoutes } from '@/app/areas/assets';
import { accountRoutes, authRoutes } from '@/app/areas/auth';
import { connectionRoutes } from '@/app/areas/connections';
import { governanceRoutes } from '@/app/areas/governance';
import { homeRoutes } from '@/app/areas/home';
import { monitoringRoutes } from '@/app/areas/monitoring';
import { personnelRoutes } from '@/app/areas/personnel';
import { referenceRoutes } from '@/app/areas/reference';
import { root, signedIn } from '@/app/areas/root';
import { settingsRoutes } from '@/app/areas/settings';
import { Crash } from '@/app/not-found';
import { parseSearch, stringifySearch } from '@/app/search';

export const router = createRouter({
  routeTree: root.addChildren([
    signedIn.addChildren([
      ...homeRoutes,
      ...connectionRoutes,
      ...monitoringRoutes,
      ...governanceRoutes,
      ...personnelRoutes,
      ...accountsRoutes,
      ...assetRoutes,
      ...accountRoutes,
      ...settingsRoutes,
    ]),
    ...authRoutes,
    ...referenceRoutes,
  ]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: Crash,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
