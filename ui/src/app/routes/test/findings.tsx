import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { TabProps } from '@/app/routes/test';
import { type FindingsKind, FindingsTab } from '@/features/tests/findings-tab';
import { exclusionPolicyQuery } from '@/shared/api/exclusion-policy';
import { createExclusion, deleteExclusion } from '@/shared/api/exclusions';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { live } from '@/shared/api/live';
import { type FindingFilter, readFindings, testsPath } from '@/shared/api/tests';
import type { Finding } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone } from '@/shared/ui/notify';

const FROM = '/signed-in/tests/$testId';
// The server takes no longer text, in bytes.
const SEARCHED = 100;
const FOUND = 50;

const LISTS = { failing: 'failures', passing: 'passes', errors: 'errors' } as const;

export function FindingsRoute({ at, test, kind }: TabProps & { kind: FindingsKind }) {
  const { q, asOf, sortDir, finding } = useSearch({ from: FROM });
  const queries = useQueryClient();
  const may = useMay();
  const failing = kind === 'failing';
  const list = LISTS[kind];
  const filter: FindingFilter = failing ? { q, asOf, sortDir } : { q, sortDir };
  const rows = useKeysetRows<Finding>({
    queryKey: ['findings', at, list, filter],
    read: (page, signal) => readFindings(at, list, page, filter, signal),
  });
  const opened = useQuery({
    queryKey: ['findings', at, list, 'record', finding, asOf],
    queryFn: async ({ signal }) => {
      // Of the past the list cannot be searched; its first page is looked through.
      const narrowed = asOf === undefined ? { q: (finding ?? '').slice(0, SEARCHED) } : { asOf };
      const { data } = await readFindings(at, list, { size: asOf === undefined ? FOUND : 500 }, narrowed, signal);
      return data.filter((each) => each.recordId === finding);
    },
    enabled: finding !== undefined,
    ...live,
  });
  const mayExclude = failing && may('monitors-post-exclusion');
  const policy = useQuery({ ...exclusionPolicyQuery(), enabled: mayExclude && may('settings-get') });
  return (
    <FindingsTab
      kind={kind}
      test={test}
      rows={rows}
      filter={filter}
      today={new Date().toISOString().slice(0, 10)}
      opened={finding === undefined ? undefined : { recordId: finding, findings: opened.data, error: opened.error }}
      policy={policy.data}
      more={
        <ExportMenu
          path={`${testsPath(at.workspaceId)}/${at.testId}/${list}`}
          query={filter}
          name={kind === 'errors' ? 'records in error' : `${kind} records`}
        />
      }
      exclude={mayExclude ? (exclusion) => createExclusion(at, exclusion) : undefined}
      excluded={(exclusions) => {
        void queries.invalidateQueries();
        notifyDone(
          exclusions.length === 1
            ? `${exclusions[0]?.targetName ?? 'The record'} is excluded.`
            : `${exclusions.length} records are excluded.`,
          async () => {
            for (const exclusion of exclusions) await deleteExclusion({ ...at, exclusionId: exclusion.id });
            await queries.invalidateQueries();
          },
        );
      }}
    />
  );
}
