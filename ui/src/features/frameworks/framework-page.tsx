import { Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  exportAddress,
  type Framework,
  type FrameworkAt,
  type Requirement,
  type RequirementList,
} from '@/shared/api/frameworks';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { Filters, SearchField } from '@/shared/ui/filters';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Pills } from '@/shared/ui/pills';
import { ReadinessBar, ReadinessChip, readinessOf } from '@/shared/ui/readiness';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/frameworks/framework-page.module.css';

export type RequirementState = 'lacking' | 'ready' | 'out';

export type FrameworkSearch = {
  q?: string | undefined;
  state?: RequirementState | undefined;
  cursor?: string | undefined;
  requirement?: number | undefined;
};

const STATES: readonly { value: RequirementState | undefined; label: string }[] = [
  { value: undefined, label: 'All' },
  { value: 'lacking', label: 'Not ready' },
  { value: 'ready', label: 'Ready' },
  { value: 'out', label: 'Out of scope' },
];

export function FrameworkPage({
  at,
  framework,
  search,
  list,
  size,
  edit,
  add,
  toggle,
  remove,
}: {
  at: FrameworkAt;
  framework: Framework;
  search: FrameworkSearch;
  list: { data: RequirementList | undefined; error: Error | null; refetch: () => unknown };
  size: number;
  edit: () => void;
  add: () => void;
  toggle: () => void;
  remove: () => void;
}) {
  const may = useMay();
  const navigate = useNavigate({ from: '/frameworks/$frameworkId' });
  const adds = may('workspaces-post-framework-requirements');
  return (
    <Page
      title={framework.name}
      above={
        <Link to="/frameworks" activeOptions={{ exact: true }}>
          Frameworks
        </Link>
      }
      below={
        <>
          {!framework.isEnabled && <span>disabled</span>}
          <span>{framework.isShipped ? 'comes with the program' : 'your own'}</span>
          <Link to="/events" search={{ framework: framework.id }}>
            History
          </Link>
        </>
      }
      actions={
        <>
          {adds && (
            <Button size="xs" variant="default" onClick={add}>
              Add a requirement
            </Button>
          )}
          <Actions at={at} framework={framework} edit={edit} toggle={toggle} remove={remove} />
        </>
      }
    >
      {framework.description !== '' && <p className={classes.description}>{framework.description}</p>}
      <div className={classes.readiness}>
        <ReadinessBar
          label="Requirements"
          ready={framework.numReadyInScopeRequirements}
          total={framework.numInScopeRequirements}
          out={framework.numOutOfScopeRequirements}
          unit="requirements"
        />
        <ReadinessBar
          label="Controls"
          ready={framework.numReadyInScopeControls}
          total={framework.numInScopeControls}
          unit="controls"
        />
      </div>
      <Pills label="Requirements by state" name="state" value={search.state} choices={STATES} />
      <Filters label="Narrow the requirements">
        <SearchField
          label="Search code, name or text"
          value={search.q}
          onChange={(q) => void navigate({ search: (before) => ({ ...before, cursor: undefined, q }) })}
        />
      </Filters>
      <Loaded query={list} label="requirements">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            search.q === undefined && search.state === undefined ? (
              <Empty
                title="No requirements yet"
                actions={
                  adds && (
                    <Button size="xs" onClick={add}>
                      Add a requirement
                    </Button>
                  )
                }
              >
                A requirement is one thing that the framework demands. Controls serve it.
              </Empty>
            ) : (
              <Empty
                title="No requirement is like that"
                actions={
                  <Link to="/frameworks/$frameworkId" params={{ frameworkId: framework.id }} search={{}}>
                    Show all requirements
                  </Link>
                }
              >
                Nothing fits these filters.
              </Empty>
            )
          ) : (
            <>
              {groups(data).map(([category, requirements]) => (
                <Panel key={category} title={category} aside={counted(requirements.length, 'requirement')}>
                  <Requirements label={category} requirements={requirements} />
                </Panel>
              ))}
              <div className={classes.pager}>
                <Pager
                  cursor={search.cursor}
                  next={pagination.cursor}
                  shown={data.length}
                  size={size}
                  total={pagination.totalCount}
                  unit="requirement"
                />
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Requirements by their category, in the order in which the categories come. */
function groups(requirements: Requirement[]): [string, Requirement[]][] {
  const by = new Map<string, Requirement[]>();
  for (const requirement of requirements) {
    const category = requirement.category ?? 'Requirements';
    const group = by.get(category);
    if (group === undefined) by.set(category, [requirement]);
    else group.push(requirement);
  }
  return [...by];
}

function Requirements({ label, requirements }: { label: string; requirements: Requirement[] }) {
  return (
    <Rows
      label={label}
      rows={requirements}
      rowKey={(requirement) => requirement.id}
      columns={[
        {
          id: 'name',
          header: 'Requirement',
          cell: (requirement) => (
            <Link
              from="/frameworks/$frameworkId"
              to="."
              search={(before) => ({ ...before, requirement: requirement.id })}
              state={true}
              resetScroll={false}
            >
              <span className={classes.code}>{requirement.code}</span> {requirement.name}
            </Link>
          ),
        },
        {
          id: 'readiness',
          header: 'Readiness',
          cell: (requirement) => (
            <div className={classes.state}>
              <ReadinessChip is={readinessOf(requirement)} />
              <span className={classes.why}>
                {requirement.isInScope ? requirement.notReadyBecause : requirement.rationale}
              </span>
            </div>
          ),
        },
        {
          id: 'controls',
          header: 'Controls',
          wideOnly: true,
          cell: (requirement) => (
            <span className={classes.controls}>
              {(requirement.controls ?? []).map((control) => (
                <Link
                  key={control.id}
                  to="/controls/$controlId"
                  params={{ controlId: control.id }}
                  title={control.name}
                  className={classes.control}
                  data-is={readinessOf(control)}
                >
                  {control.code}
                </Link>
              ))}
              {(requirement.controlCount ?? 0) > (requirement.controls?.length ?? 0) && <span>…</span>}
            </span>
          ),
        },
      ]}
    />
  );
}

function Actions({
  at,
  framework,
  edit,
  toggle,
  remove,
}: {
  at: FrameworkAt;
  framework: Framework;
  edit: () => void;
  toggle: () => void;
  remove: () => void;
}) {
  const may = useMay();
  const changes = may('workspaces-put-framework');
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<IconDots size={14} aria-hidden />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {changes && <Menu.Item onClick={edit}>Edit</Menu.Item>}
        {changes && <Menu.Item onClick={toggle}>{framework.isEnabled ? 'Disable' : 'Enable'}</Menu.Item>}
        {may('get-frameworks-requirements') && (
          <>
            <Menu.Item component="a" href={exportAddress(at, 'oscal')} download>
              Export as OSCAL
            </Menu.Item>
            <Menu.Item component="a" href={exportAddress(at, 'csv')} download>
              Export as CSV
            </Menu.Item>
          </>
        )}
        {may('workspaces-delete-framework') && (
          <>
            <Menu.Divider />
            <Menu.Item color="var(--pl-fail-text)" onClick={remove}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
