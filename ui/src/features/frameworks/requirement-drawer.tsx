import { ActionIcon, Button } from '@mantine/core';
import { IconUnlink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Control } from '@/shared/api/controls';
import type { Framework, Requirement } from '@/shared/api/frameworks';
import { useMay } from '@/shared/auth/may';
import { Facts } from '@/shared/ui/facts';
import { ReadinessChip, readinessOf } from '@/shared/ui/readiness';
import { ResultChip } from '@/shared/ui/result-chip';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/frameworks/framework-page.module.css';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

/** One requirement: what it demands, what serves it, and what is missing. */
export function RequirementDrawer({
  framework,
  opened,
  controls,
  close,
  edit,
  scope,
  remove,
  picker,
  unmap,
}: {
  framework: Framework;
  opened: Query<Requirement> | undefined;
  /** The controls that serve it, with their tests. */
  controls: Query<{ data: Control[] }>;
  close: () => void;
  edit: (requirement: Requirement) => void;
  scope: (requirement: Requirement, into: 'in' | 'out') => void;
  remove: (requirement: Requirement) => void;
  /** Maps a further control. */
  picker: ReactNode;
  unmap: (control: Control) => void;
}) {
  const may = useMay();
  const requirement = opened?.data;
  const changes = may('framework-requirement-put');
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={requirement === undefined ? 'Requirement' : `${requirement.code} ${requirement.name}`}
      actions={
        requirement !== undefined && (
          <>
            {changes && (
              <>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    scope(requirement, requirement.isInScope ? 'out' : 'in');
                  }}
                >
                  {requirement.isInScope ? 'Mark out of scope' : 'Mark in scope'}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    edit(requirement);
                  }}
                >
                  Edit
                </Button>
              </>
            )}
            {!framework.isShipped && may('framework-requirement-delete') && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  remove(requirement);
                }}
              >
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      {opened !== undefined && (
        <Loaded query={opened} label="the requirement">
          {(data) => (
            <>
              {data.notReadyBecause && <p className={classes.missing}>{data.notReadyBecause}</p>}
              <Facts
                facts={[
                  ['Readiness', <ReadinessChip key="is" is={readinessOf(data)} />],
                  data.rationale ? ['Rationale', data.rationale] : null,
                  ['Framework', framework.name],
                  data.category ? ['Group', data.category] : null,
                ]}
              />
              {(data.description ?? data.additionalInfo) !== null && (
                <DrawerPart title="What it demands">
                  {data.description && <p className={classes.text}>{data.description}</p>}
                  {data.additionalInfo && <p className={classes.text}>{data.additionalInfo}</p>}
                </DrawerPart>
              )}
              <DrawerPart title="Controls that serve it">
                {changes && picker}
                <Loaded query={controls} label="controls">
                  {({ data: serving }) => <Serving controls={serving} unmap={changes ? unmap : undefined} />}
                </Loaded>
              </DrawerPart>
              <DrawerPart title="History">
                <Link to="/events" search={{ requirement: data.id }}>
                  What was done with this requirement
                </Link>
              </DrawerPart>
            </>
          )}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Serving({ controls, unmap }: { controls: Control[]; unmap: ((control: Control) => void) | undefined }) {
  if (controls.length === 0) {
    return <p className={classes.nothing}>No control serves it. Map one, and it is ready as soon as the control is.</p>;
  }
  return (
    <ul className={classes.serving}>
      {controls.map((control) => (
        <li key={control.id}>
          <div className={classes.servingHead}>
            <Link to="/controls/$controlId" params={{ controlId: control.id }}>
              <span className={classes.code}>{control.code}</span> {control.name}
            </Link>
            <span>
              <ReadinessChip is={readinessOf(control)} />{' '}
              {unmap !== undefined && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`Unmap ${control.code}`}
                  title="Unmap"
                  onClick={() => {
                    unmap(control);
                  }}
                >
                  <IconUnlink size={15} />
                </ActionIcon>
              )}
            </span>
          </div>
          {control.isInScope && control.notReadyBecause && (
            <span className={classes.why}>{control.notReadyBecause}</span>
          )}
          <ul className={classes.tests}>
            {(control.tests ?? []).map((test) => (
              <li key={test.testId}>
                <Link to="/tests/$testId" params={{ testId: test.testId }}>
                  {test.name}
                </Link>
                <ResultChip result={test.checkResultStatus} reason={test.resultReason} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
