import { Button, Group as Row, Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Group } from '@/shared/api/groups';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import type { EmploymentStatus, PeopleSummary, Person } from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { dayOf } from '@/shared/format/time';
import { type CheckStatus, STANDINGS } from '@/shared/format/compliance';
import { counted } from '@/shared/format/number';
import { ComplianceChip } from '@/shared/ui/compliance-chip';
import { LookCards } from '@/shared/ui/count-cards';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Page, Panel } from '@/shared/ui/page';
import { Sections } from '@/shared/ui/sections';
import { BulkBar } from '@/shared/ui/selection';
import { Empty, Failure } from '@/shared/ui/states';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { PEOPLE_SECTIONS } from '@/features/personnel/sections';
import { type Look, LOOKS, STATUS_WORDS, STATUSES } from '@/features/personnel/words';
import classes from '@/features/personnel/personnel.module.css';

export type PeopleSearch = {
  look?: Look | undefined;
  q?: string | undefined;
  status?: EmploymentStatus | undefined;
  standing?: CheckStatus | undefined;
  by?: 'hand' | undefined;
  device?: 'yes' | 'no' | undefined;
  /** The number of a personnel group. */
  group?: number | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'name' | 'startDate' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
};

const COLUMNS: VirtualColumn<Person>[] = [
  {
    id: 'name',
    header: 'Person',
    sort: 'name',
    width: 190,
    cell: (person) => (
      <Link to="/personnel/$personId" params={{ personId: person.id }} className={classes.name}>
        {person.displayName}
      </Link>
    ),
  },
  {
    id: 'compliance',
    header: 'Compliance',
    width: 130,
    cell: (person) => <Compliance person={person} />,
  },
  {
    id: 'failing',
    header: 'What fails',
    width: 170,
    wideOnly: true,
    cell: ({ complianceChecks = [] }) =>
      complianceChecks
        .filter(({ status }) => status === 'FAIL')
        .flatMap(({ problem }) => problem ?? [])
        .join(', '),
  },
  {
    id: 'status',
    header: 'Employment',
    width: 170,
    wideOnly: true,
    cell: ({ employmentStatus, byHand }) => (
      <>
        {STATUS_WORDS[employmentStatus]}
        {byHand && <span className={classes.dim}> · by hand</span>}
      </>
    ),
  },
  { id: 'title', header: 'Title', width: 180, wideOnly: true, cell: ({ user }) => user?.jobTitle ?? '–' },
  {
    id: 'started',
    header: 'Started',
    width: 125,
    end: true,
    wideOnly: true,
    sort: 'startDate',
    cell: ({ startedAt }) => (startedAt === null ? '–' : dayOf(startedAt)),
  },
];

/** What the server makes of all checks of a person. */
export function Compliance({ person }: { person: Pick<Person, 'complianceChecks'> }) {
  const whole = person.complianceChecks?.find(({ type }) => type === 'FULL_COMPLIANCE');
  return whole === undefined ? '–' : <ComplianceChip status={whole.status} />;
}

export function PeoplePage({
  search,
  rows,
  summary,
  strip,
  tools,
  connect,
  groups,
  reset,
  outOfScope,
  regroup,
}: {
  search: PeopleSearch;
  rows: KeysetRows<Person>;
  summary: PeopleSummary | undefined;
  /** How the identity sync stands. */
  strip: React.ReactNode;
  /** What can be done with the whole list. */
  tools: React.ReactNode;
  /** Begins a connection of an HR system; left out where one may not. */
  connect: (() => void) | undefined;
  groups: readonly Group[];
  reset: (people: Person[], done: () => void) => void;
  outOfScope: (people: Person[], done: () => void) => void;
  /** Adds people to a group, or removes them. */
  regroup: (group: Group, action: 'add' | 'remove', people: Person[], done: () => void) => void;
}) {
  const navigate = useNavigate({ from: '/personnel' });
  const may = useMay();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Person>>(new Map());
  const none = () => {
    setChosen(new Map());
  };
  const set = (change: Partial<PeopleSearch>) => {
    none();
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  };
  const choose = (keys: ReadonlySet<string>) => {
    const known = new Map([...chosen].filter(([key]) => keys.has(key)));
    // What was just chosen is in sight, so it can be read.
    for (let at = 0; known.size < keys.size && at < rows.known; at++) {
      const row = rows.row(at);
      if (row !== undefined && keys.has(String(row.id))) known.set(String(row.id), row);
    }
    setChosen(known);
  };
  const look = LOOKS.find(({ value }) => value === search.look);
  const narrowed = [search.look, search.q, search.status, search.standing, search.by, search.device, search.group].some(
    (each) => each !== undefined,
  );
  const nothing = rows.ended && rows.known === 0;
  const people = [...chosen.values()];
  const byHand = people.filter((person) => person.byHand);
  const acts = may('personnel-put') || may('personnel-put-reset-resync') || may('personnel-groups-put');
  const chosenGroup = groups.find(({ id }) => id === search.group);
  const byChoice = groups.filter(({ rule }) => rule === null);
  return (
    <Page
      title="Personnel"
      below="Who works here, and whether their devices are as they should be."
      actions={
        !(nothing && !narrowed) && (
          <>
            {tools}
            {may('personnel-import') && (
              <LinkButton size="xs" variant="default" to="/personnel/import">
                Import
              </LinkButton>
            )}
            {connect !== undefined && (
              <Button size="xs" variant="default" onClick={connect}>
                Connect an HR system
              </Button>
            )}
          </>
        )
      }
    >
      <Sections label="Personnel" sections={PEOPLE_SECTIONS} />
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      {nothing && !narrowed ? (
        <Nobody connect={connect} strip={strip} />
      ) : (
        <>
          {strip}
          <LookCards
            label="Who to look at first"
            wide={3}
            looks={LOOKS}
            chosen={search.look}
            figure={({ count }) => (summary === undefined ? undefined : count(summary))}
          />
          <Filters label="Narrow the people">
            <SearchField
              label="Search name or address"
              value={search.q}
              onChange={(q) => {
                set({ q });
              }}
            />
            {look === undefined && (
              <>
                <ChoiceField
                  label="Employment"
                  value={search.status}
                  choices={STATUSES}
                  onChange={(status) => {
                    set({ status });
                  }}
                />
                <ChoiceField
                  label="Compliance"
                  value={search.standing}
                  choices={STANDINGS}
                  onChange={(standing) => {
                    set({ standing });
                  }}
                />
                <ChoiceField
                  label="Devices"
                  value={search.device}
                  choices={[
                    { value: 'yes', label: 'With a device' },
                    { value: 'no', label: 'Without a device' },
                  ]}
                  onChange={(device) => {
                    set({ device });
                  }}
                />
              </>
            )}
            {(groups.length > 0 || search.group !== undefined) && (
              <ChoiceField
                label="Group"
                searchable
                value={search.group === undefined ? undefined : String(search.group)}
                choices={groups.map(({ id, name }) => ({ value: String(id), label: name }))}
                onChange={(group) => {
                  set({ group: group === undefined ? undefined : Number(group) });
                }}
              />
            )}
            <ChoiceField
              label="Decided"
              value={search.by}
              choices={[{ value: 'hand', label: 'By hand' }]}
              onChange={(by) => {
                set({ by });
              }}
            />
          </Filters>
          {nothing ? (
            <Empty title="Nobody is like that" actions={<Link to="/personnel">Show everybody</Link>}>
              Nobody fits these filters.
            </Empty>
          ) : (
            <Panel
              title={look?.title ?? 'People'}
              aside={rows.total !== null && counted(rows.total, 'person', 'people')}
            >
              <BulkBar chosen={people.length} unit="person" units="people" clear={none}>
                {may('personnel-put') && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => {
                      outOfScope(people, none);
                    }}
                  >
                    Take out of scope
                  </Button>
                )}
                {may('personnel-put-reset-resync') && byHand.length > 0 && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => {
                      reset(byHand, none);
                    }}
                  >
                    Give {counted(byHand.length, 'person', 'people')} back to the sync
                  </Button>
                )}
                {may('personnel-groups-put') && byChoice.length > 0 && (
                  <Menu position="bottom-start">
                    <Menu.Target>
                      <Button size="compact-xs" variant="default">
                        Add to a group
                      </Button>
                    </Menu.Target>
                    <Menu.Dropdown className={classes.groups ?? ''}>
                      {byChoice.map((group) => (
                        <Menu.Item
                          key={group.id}
                          onClick={() => {
                            regroup(group, 'add', people, none);
                          }}
                        >
                          {group.name}
                        </Menu.Item>
                      ))}
                    </Menu.Dropdown>
                  </Menu>
                )}
                {may('personnel-groups-put') && chosenGroup?.rule === null && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => {
                      regroup(chosenGroup, 'remove', people, none);
                    }}
                  >
                    Remove from {chosenGroup.name}
                  </Button>
                )}
              </BulkBar>
              <VirtualTable
                label="People"
                unit="person"
                columns={COLUMNS}
                rows={rows}
                rowKey={({ id }) => String(id)}
                rowName={({ displayName }) => displayName}
                sorted={{ by: search.sort ?? 'name', descending: search.sortDir === 'DESC' }}
                onSort={({ by, descending }) => {
                  set({ sort: by as PeopleSearch['sort'], sortDir: descending ? 'DESC' : 'ASC' });
                }}
                onOpen={({ id }) => void navigate({ to: '/personnel/$personId', params: { personId: id }, search: {} })}
                {...(acts ? { selected: new Set(chosen.keys()), onSelect: choose } : {})}
              />
            </Panel>
          )}
        </>
      )}
    </Page>
  );
}

function Nobody({ connect, strip }: { connect: (() => void) | undefined; strip: React.ReactNode }) {
  const may = useMay();
  return (
    <>
      <Empty
        title="Nobody is known yet"
        actions={
          <Row gap={8}>
            {connect !== undefined && <Button onClick={connect}>Connect an HR system</Button>}
            {may('personnel-import') && (
              <LinkButton variant="default" to="/personnel/import">
                Import a file
              </LinkButton>
            )}
            <LinkButton variant="default" to="/docs" search={{ operation: 'putHrisUserIdentities' }}>
              See how people are sent
            </LinkButton>
          </Row>
        }
      >
        People come from your HR system: a script sends them to its connection, and the identity sync makes them
        personnel, each night or at once. Without one, a file will do.
      </Empty>
      {strip}
    </>
  );
}
