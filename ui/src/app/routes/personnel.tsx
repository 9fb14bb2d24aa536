import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Strip } from '@/app/routes/identity-syncs';
import { OutOfScopeDialog } from '@/features/personnel/dialogs';
import { PeoplePage } from '@/features/personnel/people-page';
import { LOOKS } from '@/features/personnel/words';
import { each, unlessRefused } from '@/shared/api/each';
import { actOnGroup, groupsQuery } from '@/shared/api/groups';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import {
  changePerson,
  createHrisConnection,
  peopleRows,
  peopleSummaryQuery,
  type Person,
  type PersonFilter,
  resetPeople,
} from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { ConnectDialog } from '@/shared/ui/connect-dialog';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

const SIZE = 100;

type Leaving = { people: Person[]; done: () => void };

export function PersonnelRoute() {
  const search = useSearch({ from: '/signed-in/personnel' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay();
  const [connecting, setConnecting] = useState(false);
  const [leaving, setLeaving] = useState<Leaving>();
  const filter: PersonFilter = {
    q: search.q,
    'employmentStatus[]': search.status === undefined ? undefined : [search.status],
    'complianceStatus[]': search.standing === undefined ? undefined : [search.standing],
    hasDevice: search.device === undefined ? undefined : search.device === 'yes',
    'groupIds[]': search.group === undefined ? undefined : [search.group],
    byHand: search.by === 'hand' ? true : undefined,
    sort: search.sort ?? 'name',
    sortDir: search.sortDir ?? 'ASC',
    ...LOOKS.find(({ value }) => value === search.look)?.filter,
  };
  const rows = useKeysetRows({ ...peopleRows(filter), size: SIZE });
  const summary = useQuery(peopleSummaryQuery());
  const groups = useQuery(groupsQuery());
  const refresh = () => queries.invalidateQueries({ queryKey: ['personnel'] });
  const back = async (people: readonly Person[]) => {
    unlessRefused(await each(people, putBack), ({ displayName }) => displayName);
    await refresh();
  };
  return (
    <>
      <PeoplePage
        search={search}
        rows={rows}
        summary={summary.data}
        strip={<Strip />}
        tools={
          <ExportMenu
            path="/public/v2/personnel"
            query={{ ...filter, 'expand[]': ['user', 'customFields'] }}
            name="people"
          />
        }
        connect={
          may('custom-connections-post')
            ? () => {
                setConnecting(true);
              }
            : undefined
        }
        reset={(people, done) => {
          resetPeople(people.map(({ id }) => id)).then(() => {
            void refresh();
            done();
            notifyDone(`${whom(people)} ${people.length === 1 ? 'follows' : 'follow'} the identity sync again.`, () =>
              back(people),
            );
          }, notifyFailed);
        }}
        groups={groups.data?.data ?? []}
        regroup={(group, action, people, done) => {
          const ids = people.map(({ id }) => id);
          actOnGroup(group.id, action, ids).then((count) => {
            void refresh();
            done();
            const said = `${counted(count, 'person', 'people')} ${action === 'add' ? 'joined' : 'left'} ${group.name}.`;
            if (count < ids.length) notifyDone(said);
            else
              notifyDone(said, async () => {
                await actOnGroup(group.id, action === 'add' ? 'remove' : 'add', ids);
                await refresh();
              });
          }, notifyFailed);
        }}
        outOfScope={(people, done) => {
          setLeaving({ people, done });
        }}
      />
      {connecting && (
        <ConnectDialog
          title="Connect an HR system"
          hint="What people call your HR system."
          close={() => {
            setConnecting(false);
          }}
          save={async ({ name, description }) => {
            const made = await createHrisConnection({ name, description: description === '' ? null : description });
            await queries.invalidateQueries({ queryKey: ['connections'] });
            await navigate({
              to: '/connections/$connectionId',
              params: { connectionId: made.id },
              search: { tab: 'people' },
            });
          }}
        />
      )}
      {leaving !== undefined && (
        <OutOfScopeDialog
          whom={whom(leaving.people)}
          close={() => {
            setLeaving(undefined);
          }}
          act={async (reason) => {
            const { people, done } = leaving;
            const outcome = await each(people, ({ id }) =>
              changePerson(id, { employmentStatus: 'OUT_OF_SCOPE', notHumanReason: reason }),
            );
            void refresh();
            unlessRefused(outcome, ({ displayName }) => displayName);
            done();
            notifyDone(`${whom(people)} out of scope.`, () => back(people));
          }}
        />
      )}
    </>
  );
}

function whom(people: readonly Person[]): string {
  return people.length === 1 ? (people[0]?.displayName ?? '') : counted(people.length, 'person', 'people');
}

/** Makes of a person again what they were. */
async function putBack(was: Person): Promise<void> {
  if (!was.byHand) {
    await resetPeople([was.id]);
    return;
  }
  await changePerson(was.id, {
    employmentStatus: was.employmentStatus,
    notHumanReason: was.notHumanReason,
    startedAt: was.startedAt,
    separatedAt: was.separatedAt,
  });
}
