import { Button, Tabs } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Control } from '@/shared/api/controls';
import { useMay } from '@/shared/auth/may';
import { count } from '@/shared/format/number';
import { Facts } from '@/shared/ui/facts';
import { Page, Panel } from '@/shared/ui/page';
import { type Readiness, ReadinessChip, readinessOf } from '@/shared/ui/readiness';
import { RelativeTime } from '@/shared/ui/relative-time';
import { type Tone, Verdict } from '@/shared/ui/verdict';
import classes from '@/features/controls/control-page.module.css';

const TONES: Record<Readiness, Tone> = { ready: 'good', lacking: 'bad', out: 'none' };

const CONTROL_TABS = ['tests', 'requirements', 'notes', 'history'] as const;
export type ControlTab = (typeof CONTROL_TABS)[number];

/** One control: whether it is ready and why not, and what proves it. */
export function ControlPage({
  control,
  shown,
  edit,
  scope,
  owners,
  tests,
  requirements,
  notes,
  history,
}: {
  control: Control;
  shown: ControlTab;
  edit: () => void;
  scope: (into: 'in' | 'out') => void;
  owners?: ReactNode;
  tests: ReactNode;
  requirements: ReactNode;
  notes: ReactNode;
  history: ReactNode;
}) {
  const may = useMay();
  const navigate = useNavigate({ from: '/controls/$controlId' });
  const is = readinessOf(control);
  const panels: Record<ControlTab, { word: ReactNode; panel: ReactNode }> = {
    tests: { word: <>Tests {count(control.numTests)}</>, panel: tests },
    requirements: { word: <>Requirements {count(control.requirements?.length ?? 0)}</>, panel: requirements },
    notes: { word: 'Notes', panel: notes },
    history: { word: 'History', panel: history },
  };
  return (
    <Page
      title={`${control.code} ${control.name}`}
      above={
        <Link to="/controls" activeOptions={{ exact: true }}>
          Controls
        </Link>
      }
      actions={
        <>
          {may('controls-put') && (
            <Button size="xs" variant="default" onClick={edit}>
              Edit
            </Button>
          )}
          {may('controls-post-action') && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                scope(control.isInScope ? 'out' : 'in');
              }}
            >
              {control.isInScope ? 'Mark out of scope' : 'Mark in scope'}
            </Button>
          )}
        </>
      }
    >
      <Verdict tone={TONES[is]} label="Readiness">
        <ReadinessChip is={is} />
        <span>
          {is === 'ready' && 'Every test that has a verdict passes.'}
          {is === 'lacking' && control.notReadyBecause}
          {is === 'out' && (
            <>
              It counts for no requirement since <RelativeTime at={control.archivedAt} />.
              {control.rationale ? ` “${control.rationale}”` : ' No rationale was given.'}
            </>
          )}
        </span>
      </Verdict>
      <div className={classes.columns}>
        <div className={classes.main}>
          <Tabs
            value={shown}
            onChange={(tab) =>
              void navigate({
                search: (before) => ({
                  ...before,
                  cursor: undefined,
                  show: tab === 'tests' || tab === null ? undefined : (tab as ControlTab),
                }),
              })
            }
          >
            <Tabs.List mb={14}>
              {CONTROL_TABS.map((tab) => (
                <Tabs.Tab key={tab} value={tab}>
                  {panels[tab].word}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {CONTROL_TABS.map((tab) => (
              <Tabs.Panel key={tab} value={tab}>
                {tab === shown && panels[tab].panel}
              </Tabs.Panel>
            ))}
          </Tabs>
        </div>
        <aside className={classes.side}>
          <Panel title="About">
            <div className={classes.about}>
              <Facts
                facts={[
                  ['What', control.description ?? '–'],
                  control.question ? ['Question', control.question] : null,
                  control.activity ? ['Activity', control.activity] : null,
                  ['Origin', control.controlTemplateId === null ? 'your own' : 'comes with the program'],
                  ['Changed', <RelativeTime key="changed" at={control.updatedAt} />],
                ]}
              />
            </div>
          </Panel>
          {owners}
        </aside>
      </div>
    </Page>
  );
}
