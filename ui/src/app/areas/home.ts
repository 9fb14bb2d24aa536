import { createRoute } from '@tanstack/react-router';
import { signedIn } from '@/app/areas/root';
import { HomeRoute } from '@/app/routes/home';

export const homeRoutes = [createRoute({ getParentRoute: () => signedIn, path: '/', component: HomeRoute })] as const;
