import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seeded } from './hostile';

/**
 * The address of an object for every route of the web app. A route that is not in it fails a test: what is in it is
 * opened with hostile content, in both colour schemes, and looked at by axe.
 */
export const addresses: Record<string, (of: Seeded) => string> = {
  '/': () => '/',
  '/connections': () => '/connections',
  '/connections/available': () => '/connections/available?entry=okta',
  '/connections/new': () => '/connections/new',
  '/connections/$connectionId': (of) => `/connections/${of.connectionId}`,
  '/connections/$connectionId/resources/$resourceId': (of) =>
    `/connections/${of.connectionId}/resources/${of.resourceId}?record=${encodeURIComponent(of.recordId)}`,
  '/tests': () => '/tests',
  '/tests/$testId': (of) => `/tests/${of.testId}`,
  '/sign-in': () => '/sign-in',
  '/set-up': () => '/set-up',
  '/invitation': () => '/invitation',
  '/account': () => '/account',
  '/settings': () => '/settings',
  '/settings/organisation': () => '/settings/organisation',
  '/settings/workspaces': () => '/settings/workspaces',
  '/settings/people': () => '/settings/people',
  '/settings/keys': () => '/settings/keys',
  '/settings/notifications': () => '/settings/notifications',
  '/settings/custom-fields': () => '/settings/custom-fields',
  '/settings/policies': () => '/settings/policies',
  '/settings/ai-provider': () => '/settings/ai-provider',
  '/tests/new': (of) => `/tests/new?resource=${of.resourceId}`,
  '/tests/$testId/edit': (of) => `/tests/${of.testId}/edit`,
  '/exclusions': (of) => `/exclusions?exclusion=${of.testId}.${of.exclusionId}`,
  '/controls': () => '/controls',
  '/controls/$controlId': (of) => `/controls/${of.controlId}?show=notes`,
  '/frameworks': () => '/frameworks',
  '/frameworks/$frameworkId': (of) => `/frameworks/${of.frameworkId}?requirement=${of.requirementId}`,
  '/events': () => '/events',
  '/docs': () => '/docs',
  '/personnel': () => '/personnel',
  '/personnel/groups': () => '/personnel/groups',
  '/personnel/syncs': () => '/personnel/syncs',
  '/personnel/import': () => '/personnel/import',
  '/personnel/$personId': (of) => `/personnel/${of.personId}`,
  '/accounts': () => '/accounts',
  '/devices': () => '/devices',
  '/devices/$deviceId': (of) => `/devices/${of.deviceId}?tab=report`,
  '/assets': () => '/assets',
  '/assets/import': () => '/assets/import',
  '/assets/$assetId': (of) => `/assets/${of.assetId}`,
  '/access-reviews': () => '/access-reviews',
  '/access-reviews/$reviewId': (of) => `/access-reviews/${of.reviewId}`,
};

/** The routes of the router, as its sources name them. */
export async function routesOfTheApp(): Promise<string[]> {
  const folder = join(import.meta.dirname, '../ui/src/app');
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.tsx?$/.test(file));
  const sources = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const routes = sources.flatMap((source) =>
    [...source.matchAll(/createRoute\(\{[^}]*?\bpath: '([^']+)'/g)].map(([, path]) => path ?? ''),
  );
  return [...new Set(routes)].sort();
}
