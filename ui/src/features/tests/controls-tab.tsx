import { Select } from '@mantine/core';
import { useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { Control, ControlList } from '@/shared/api/controls';
import type { TestDetail } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Panel } from '@/shared/ui/page';
import { RowButton } from '@/shared/ui/row-actions';
import { Empty, Failure } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/tests/controls-tab.module.css';

/** The controls that the test proves: added by search, taken away with one press. */
export function ControlsTab({
  test,
  found,
  search,
  onSearch,
  map,
  error,
}: {
  test: TestDetail;
  /** The controls that the search finds. */
  found: ControlList | undefined;
  search: string;
  onSearch: (text: string) => void;
  /** Adds a control or takes it away; left out where one may not. */
  map: ((control: Pick<Control, 'id' | 'code'>, on: boolean) => void) | undefined;
  error: Error | null;
}) {
  const [value, setValue] = useState<string | null>(null);
  const mapped = test.controls ?? [];
  const choices = (found?.data ?? []).filter((control) => !mapped.some((each) => each.id === control.id));
  return (
    <>
      {map !== undefined && (
        <Select
          className={classes.pick ?? ''}
          size="sm"
          label="Add a control that this test proves"
          placeholder="Search by code or name"
          searchable
          searchValue={search}
          onSearchChange={onSearch}
          value={value}
          nothingFoundMessage="No control fits"
          // The server has searched; what it found is shown as it is.
          filter={({ options }) => options}
          data={choices.map((control) => ({ value: String(control.id), label: `${control.code} ${control.name}` }))}
          onChange={(id) => {
            const control = choices.find((each) => String(each.id) === id);
            setValue(null);
            onSearch('');
            if (control !== undefined) map(control, true);
          }}
        />
      )}
      {error !== null && <Failure error={error} />}
      {mapped.length === 0 ? (
        <Empty title="This test proves no control yet">
          A control is ready when a test of it passes and none fails. Map this test to the controls that it proves.
        </Empty>
      ) : (
        <Panel title="Controls" aside={counted(mapped.length, 'control')}>
          <Rows
            label="Controls that this test proves"
            rows={mapped}
            rowKey={(control) => control.id}
            columns={[
              {
                id: 'code',
                header: 'Control',
                cell: (control) => (
                  <Link to={'/controls/$controlId'} params={{ controlId: control.id } as never}>
                    {control.code} {control.name}
                  </Link>
                ),
              },
              {
                id: 'ready',
                header: 'State',
                cell: (control) => (
                  <span className={classes.state} data-ready={control.isReady || undefined}>
                    {control.isReady ? 'Ready' : 'Not ready'}
                  </span>
                ),
              },
              ...(map === undefined
                ? []
                : [
                    {
                      id: 'unmap',
                      header: 'Mapping',
                      end: true,
                      cell: (control: (typeof mapped)[number]) => (
                        <RowButton
                          label={`Remove ${control.code}`}
                          act={() => {
                            map(control, false);
                          }}
                        >
                          Remove
                        </RowButton>
                      ),
                    },
                  ]),
            ]}
          />
        </Panel>
      )}
    </>
  );
}
