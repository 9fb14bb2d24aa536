import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { Entry } from '@/app/palette/entries';
import { forgetVisits, recentVisits } from '@/app/palette/recent';
import { PAGES } from '@/app/pages';
import { SETTINGS } from '@/features/settings/frame';
import { api, bodyOf } from '@/shared/api/client';
import { workspacesQuery } from '@/shared/api/organisation';
import { actOnTest } from '@/shared/api/tests';
import type { TestList } from '@/shared/api/types';
import { meQuery, useMay } from '@/shared/auth/may';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

/** What begins something new, for who may. */
const BEGINNINGS = [
  { to: '/connections/new', word: 'New connection', also: 'create add source', scope: 'custom-connections-post' },
  { to: '/assets?create=yes', word: 'New asset', also: 'create add inventory', scope: 'assets-post' },
  { to: '/personnel/import', word: 'Import personnel', also: 'csv file upload people', scope: 'personnel-import' },
  { to: '/assets/import', word: 'Import assets', also: 'csv file upload inventory', scope: 'assets-import' },
  { to: '/tests/new', word: 'New test', also: 'create add rule', scope: 'monitors-post-monitor' },
] as const;

/** Other words by which pages of settings are found. */
const ALSO: Partial<Record<(typeof SETTINGS)[number]['to'], string>> = {
  '/settings/organisation': 'company name domain',
  '/settings/workspaces': 'product scope',
  '/settings/people': 'invite a person user',
  '/settings/keys': 'token create',
  '/settings/notifications': 'mail slack teams webhook alert',
  '/settings/custom-fields': 'attribute property',
  '/settings/policies': 'terms exclusions',
  '/settings/ai-provider': 'language model summary',
};

/** Pages that no navigation lists. */
const BESIDE: readonly { to: string; word: string; also: string; scope: string | null }[] = [
  { to: '/account', word: 'Your account', also: 'password sessions profile', scope: null },
  { to: '/personnel/groups', word: 'Personnel groups', also: 'team scope people', scope: 'personnel-get' },
  { to: '/personnel/syncs', word: 'Identity sync', also: 'hris personnel', scope: 'personnel-get' },
  ...SETTINGS.map((each) => ({ ...each, also: `settings ${ALSO[each.to] ?? ''}` })),
];

const AT_ONCE = 100;

/** Starts a run of every test that fails; gives how many. */
async function runFailing(workspaceId: number): Promise<number> {
  let cursor: string | undefined;
  let started = 0;
  do {
    const page: TestList = await bodyOf<TestList>(
      api.GET('/public/v2/workspaces/{workspaceId}/monitoring-tests', {
        params: {
          path: { workspaceId },
          query: { checkResultStatus: 'FAILED', size: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) },
        },
        parseAs: 'text',
      }),
    );
    for (const { testId } of page.data) {
      await actOnTest({ workspaceId, testId }, 'run');
      started += 1;
    }
    cursor = page.pagination.cursor ?? undefined;
  } while (cursor !== undefined);
  return started;
}

/** The pages, and what may be done from anywhere. */
export function useCommands(workspaceId: number | undefined): Entry[] {
  const router = useRouter();
  const queries = useQueryClient();
  const may = useMay();
  const { data: me } = useQuery(meQuery());
  const { data: workspaces } = useQuery(workspacesQuery());
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';

  const exists = (path: string) => path.replace(/\?.*$/, '') in router.routesByPath;
  const page = (to: string, word: string, group: string, also?: string): Entry => ({
    id: `page-${to}`,
    group,
    word,
    also,
    go: { href: to },
  });
  const visits = (me === undefined ? [] : recentVisits(me)).filter(
    ({ href }) => href.replace(/\?.*$/, '') !== router.state.location.pathname,
  );
  const entries: Entry[] = visits.map(({ title, href }) => ({
    id: `visit-${href}`,
    group: 'Visited lately',
    word: title,
    go: { href },
  }));
  for (const { pages } of PAGES) for (const { to, word } of pages) entries.push(page(to, word, 'Pages', 'go to'));
  for (const { to, word, also, scope } of BESIDE)
    if (exists(to) && (scope === null || may(scope))) entries.push(page(to, word, 'Pages', also));
  for (const { to, word, also, scope } of BEGINNINGS)
    if (exists(to) && may(scope)) entries.push(page(to, word, 'Actions', also));
  if (workspaceId !== undefined && may('monitors-post-action'))
    entries.push({
      id: 'run-failing',
      group: 'Actions',
      word: 'Run all failing tests',
      also: 'check again verify',
      go: {
        run: () => {
          runFailing(workspaceId).then((started) => {
            notifyDone(
              started === 0
                ? 'No test fails.'
                : started === 1
                  ? 'One test is running.'
                  : `${started} tests are running.`,
            );
          }, notifyFailed);
        },
      },
    });
  entries.push({
    id: 'scheme',
    group: 'Actions',
    word: `Use the ${other} colour scheme`,
    also: 'dark light theme mode',
    go: {
      run: () => {
        setColorScheme(other);
      },
    },
  });
  if ((workspaces?.data.length ?? 0) > 1)
    for (const { id, name } of workspaces?.data ?? [])
      if (id !== workspaceId)
        entries.push({
          id: `workspace-${id}`,
          group: 'Actions',
          word: `Switch to ${name}`,
          also: 'workspace',
          go: { href: `/?workspace=${id}` },
        });
  if (me?.kind === 'user')
    entries.push({
      id: 'sign-out',
      group: 'Actions',
      word: 'Sign out',
      also: 'log out leave',
      go: {
        run: () => {
          bodyOf(api.POST('/public/v2/auth/sign-out', { body: { where: 'HERE' }, parseAs: 'text' })).then(() => {
            forgetVisits(me);
            queries.clear();
            window.location.assign('/');
          }, notifyFailed);
        },
      },
    });
  return entries;
}
