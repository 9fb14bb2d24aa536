import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { CatalogDetail } from '@/shared/api/catalog';
import { counted } from '@/shared/format/number';
import { Command } from '@/shared/ui/copy';
import { Facts } from '@/shared/ui/facts';
import { JsonView } from '@/shared/ui/json-view';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import { Guide } from '@/features/catalog/guide';
import { COLLECTORS, KINDS } from '@/features/catalog/words';
import classes from '@/features/catalog/catalog.module.css';

type Query = { data: CatalogDetail | undefined; error: Error | null; refetch: () => unknown };

/** An entry of the catalogue: what it proves, what it needs, how it is set up. */
export function EntryDrawer({
  opened,
  connect,
  close,
}: {
  opened: Query | undefined;
  /** Begins to use the entry; absent for who may not. */
  connect?: () => void;
  close: () => void;
}) {
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      size="xl"
      title={opened?.data?.name ?? 'Catalogue'}
      actions={
        connect !== undefined &&
        opened?.data !== undefined && (
          <Button size="xs" onClick={connect}>
            Use {opened.data.name}
          </Button>
        )
      }
    >
      {opened !== undefined && (
        <Loaded query={opened} label="the entry">
          {(entry) => <Detail entry={entry} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Detail({ entry }: { entry: CatalogDetail }) {
  const sample = entry.sampleRecords[0];
  return (
    <>
      <p className={classes.lead}>{entry.description}</p>
      <Facts
        facts={[
          ['It proves', entry.proves],
          ['Category', entry.categoryName],
          [
            'Data',
            `${KINDS[entry.kind].text}${entry.collector === null ? '' : ` It comes ${COLLECTORS[entry.collector] ?? entry.collector}.`}`,
          ],
          entry.scheduleWords === null ? null : ['When', entry.scheduleWords],
          ['Stale after', `${counted(entry.freshnessHours, 'hour')} without data`],
        ]}
      />
      <DrawerPart title="Access that it needs">
        <p className={classes.plain}>{entry.account}</p>
        <ul className={classes.list}>
          {entry.access.map(({ permission, why }) => (
            <li key={permission}>
              <strong>{permission}</strong>
              <span>{why}</span>
            </li>
          ))}
        </ul>
      </DrawerPart>
      <DrawerPart title="Set it up">
        <Guide text={entry.guide} />
      </DrawerPart>
      {entry.inputs.length > 0 && (
        <DrawerPart title="What you fill in" aside="after it is made">
          <ul className={classes.list}>
            {entry.inputs.map((input) => (
              <li key={input.name}>
                <strong>{input.label}</strong>
                <span>
                  {[
                    input.help,
                    input.example === '' ? '' : `For example ${input.example}.`,
                    input.default === '' ? '' : `Usually ${input.default}.`,
                    input.secret ? 'It is sealed, and never shown again.' : '',
                  ]
                    .filter((part) => part !== '')
                    .join(' ')}
                </span>
              </li>
            ))}
          </ul>
        </DrawerPart>
      )}
      <DrawerPart title="Tests" aside={counted(entry.tests.length, 'test')}>
        <ul className={classes.list}>
          {entry.tests.map((test) => (
            <li key={test.name}>
              <strong>{test.name}</strong>
              <span>{test.description}</span>
              <small>{test.words}</small>
              <small>
                {test.controls.map(({ code, name }, at) => (
                  <span key={code}>
                    {at > 0 && ' · '}
                    {code} {name}
                  </span>
                ))}
              </small>
            </li>
          ))}
        </ul>
      </DrawerPart>
      {sample !== undefined && (
        <DrawerPart title="A record" aside="invented">
          <JsonView value={sample} label="a sample record" />
        </DrawerPart>
      )}
      <DrawerPart title="For programs">
        <details className={classes.more}>
          <summary>The schema of a record</summary>
          <JsonView value={entry.schema} label="the schema" />
        </details>
        {entry.recipe !== null && (
          <details className={classes.more}>
            <summary>The recipe, for plumbline collect</summary>
            <Command text={entry.recipe} label="the recipe" />
          </details>
        )}
        <p className={classes.plain}>
          Everything here is data: <Link to="/docs">the API</Link> has it, too.
        </p>
      </DrawerPart>
    </>
  );
}
