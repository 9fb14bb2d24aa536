import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { assetsSearch, devicesSearch, deviceSearch } from '@/app/asset-search';
import { importSearch } from '@/app/import-search';
import { signedIn, withIds } from '@/app/areas/root';

export const assetRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/devices',
    validateSearch: devicesSearch,
    component: lazyRouteComponent(() => import('@/app/routes/devices'), 'DevicesRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/devices/$deviceId',
    ...withIds('deviceId'),
    validateSearch: deviceSearch,
    component: lazyRouteComponent(() => import('@/app/routes/device'), 'DeviceRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/assets',
    validateSearch: assetsSearch,
    component: lazyRouteComponent(() => import('@/app/routes/assets'), 'AssetsRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/assets/import',
    validateSearch: importSearch,
    component: lazyRouteComponent(() => import('@/app/routes/import'), 'AssetsImportRoute'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/assets/$assetId',
    ...withIds('assetId'),
    component: lazyRouteComponent(() => import('@/app/routes/asset'), 'AssetRoute'),
  }),
] as const;
