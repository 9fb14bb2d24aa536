import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { DecideDialog, OutOfScopeDialog } from '@/features/personnel/dialogs';
import { PersonPage } from '@/features/personnel/person-page';
import { accountsQuery } from '@/shared/api/accounts';
import { connectionQuery } from '@/shared/api/connections';
import {
  changePerson,
  personDevicesQuery,
  personQuery,
  type Person as PersonType,
  type PersonChange,
  resetPeople,
} from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { CustomFieldsPanel } from '@/shared/ui/custom-fields-panel';
import { DocumentsPanel } from '@/shared/ui/documents-panel';
import { HistoryPanel } from '@/shared/ui/history-panel';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const ACCOUNTS = 100;

export function PersonRoute() {
  const { personId } = useParams({ from: '/signed-in/personnel/$personId' });
  const person = useQuery(personQuery(personId));
  return (
    <InWorkspace>
      {(workspaceId) => (
        <Loaded query={person} label="the person" page="Person">
          {(data) => <Whole key={data.id} workspaceId={workspaceId} person={data} />}
        </Loaded>
      )}
    </InWorkspace>
  );
}

function Whole({ workspaceId, person }: { workspaceId: number; person: PersonType }) {
  const may = useMay();
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<'decide' | 'scope'>();
  const devices = useQuery({ ...personDevicesQuery(person.id), enabled: may('devices-get') });
  const accounts = useQuery({
    ...accountsQuery(workspaceId, { size: ACCOUNTS }, { userId: person.userId, sort: 'name', sortDir: 'ASC' }),
    enabled: may('accounts-get'),
  });
  const source = person.identity?.connectionId;
  const connection = useQuery({
    ...connectionQuery(source ?? 0),
    enabled: source !== undefined && may('custom-connections-get'),
  });
  const refresh = () =>
    Promise.all(['personnel', 'accounts'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const before: PersonChange = {
    employmentStatus: person.employmentStatus,
    notHumanReason: person.notHumanReason,
    startedAt: person.startedAt,
    separatedAt: person.separatedAt,
  };
  const change = async (body: PersonChange, said: string) => {
    const { id, byHand } = person;
    await changePerson(id, body);
    void refresh();
    notifyDone(said, async () => {
      await (byHand ? changePerson(id, before) : resetPeople([id]));
      await refresh();
    });
  };
  const close = () => {
    setDialog(undefined);
  };
  return (
    <>
      <PersonPage
        person={person}
        devices={devices.data?.data}
        accounts={accounts.data?.data}
        connectionName={connection.data?.clientAlias ?? undefined}
        decide={() => {
          setDialog('decide');
        }}
        outOfScope={() => {
          setDialog('scope');
        }}
        custom={
          <CustomFieldsPanel
            kind="PERSONNEL"
            name={person.displayName}
            values={person.customFields ?? []}
            scope="personnel-put"
            save={async (customFields) => {
              await changePerson(person.id, { customFields });
              await refresh();
            }}
          />
        }
        giveBack={() => {
          resetPeople([person.id]).then(() => {
            void refresh();
            notifyDone(`${person.displayName} follows the identity sync again.`, async () => {
              await changePerson(person.id, before);
              await refresh();
            });
          }, notifyFailed);
        }}
      >
        {devices.data !== undefined && person.employmentStatus !== 'OUT_OF_SCOPE' && may('devices-get-documents') && (
          <DocumentsPanel
            holderId={person.id}
            checks={person.complianceChecks ?? []}
            past={devices.data.data.length > 0}
          />
        )}
        <HistoryPanel of="personnel" id={person.id} />
      </PersonPage>
      {dialog === 'decide' && (
        <DecideDialog
          person={person}
          close={close}
          save={(body) => change(body, `${person.displayName} is changed by hand.`)}
        />
      )}
      {dialog === 'scope' && (
        <OutOfScopeDialog
          whom={person.displayName}
          close={close}
          act={(reason) =>
            change(
              { employmentStatus: 'OUT_OF_SCOPE', notHumanReason: reason },
              `${person.displayName} is out of scope.`,
            )
          }
        />
      )}
    </>
  );
}
