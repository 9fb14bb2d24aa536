import { createRoute } from '@tanstack/react-router';
import { signedIn } from '@/app/areas/root';
import { OverviewRoute } from '@/app/routes/overview';

export const homeRoutes = [
  createRoute({ getParentRoute: () => signedIn, path: '/', component: OverviewRoute }),
] as const;
