import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { CatalogCategories, CatalogEntry, CatalogFilter } from '@/shared/api/catalog';
import { counted } from '@/shared/format/number';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Page } from '@/shared/ui/page';
import { CONNECTION_SECTIONS, Sections } from '@/shared/ui/sections';
import { Empty, Loaded } from '@/shared/ui/states';
import { KIND_CHOICES, KINDS } from '@/features/catalog/words';
import classes from '@/features/catalog/catalog.module.css';

// How many cards stand side by side on a wide screen.
const COLUMNS = 3;

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

/** The providers that a connection can be made of, by category. */
export function CatalogPage({
  list,
  categories,
  filter,
  newcomer,
  mayCreate,
}: {
  list: Query<{ data: CatalogEntry[] }>;
  categories: CatalogCategories['data'];
  filter: CatalogFilter;
  /** There is no connection yet. */
  newcomer: boolean;
  mayCreate: boolean;
}) {
  const navigate = useNavigate({ from: '/connections/available' });
  const set = (change: Partial<CatalogFilter>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const narrowed = filter.q !== undefined || filter.category !== undefined || filter.kind !== undefined;
  return (
    <Page
      title="Connections"
      below="Systems that Plumbline knows: how their data comes, and which tests prove something with it."
      actions={
        mayCreate && (
          <LinkButton
            size="xs"
            variant="default"
            to="/connections/new"
            leftSection={<IconPlus size={14} aria-hidden />}
          >
            Something else
          </LinkButton>
        )
      }
    >
      <Sections label="Connections" sections={CONNECTION_SECTIONS} />
      <Filters label="Narrow the catalogue">
        <SearchField
          label="Search the catalogue"
          value={filter.q}
          onChange={(q) => {
            set({ q });
          }}
        />
        <ChoiceField
          label="Category"
          searchable
          value={filter.category}
          choices={categories.map(({ category, name, entries }) => ({
            value: category as NonNullable<CatalogFilter['category']>,
            label: entries === 0 ? name : `${name} (${String(entries)})`,
          }))}
          onChange={(category) => {
            set({ category });
          }}
        />
        <ChoiceField
          label="Kind"
          value={filter.kind}
          choices={KIND_CHOICES}
          onChange={(kind) => {
            set({ kind });
          }}
        />
      </Filters>
      <Loaded query={list} label="the catalogue">
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              title={narrowed ? 'No system fits' : 'The catalogue is empty'}
              actions={
                <>
                  {mayCreate && (
                    <LinkButton size="xs" to="/connections/new">
                      Connect it yourself
                    </LinkButton>
                  )}
                  {narrowed && (
                    <Button variant="default" size="xs" onClick={() => void navigate({ search: {} })}>
                      Show the whole catalogue
                    </Button>
                  )}
                </>
              }
            >
              Anything that can send JSON will do: paste a sample, and Plumbline works out the rest.
            </Empty>
          ) : (
            <>
              {newcomer && !narrowed && <Recommended entries={data} />}
              <div className={classes.groups}>
                {groups(data).map(({ name, entries }) => (
                  <section
                    key={name}
                    className={classes.group}
                    aria-label={name}
                    data-span={Math.min(entries.length, COLUMNS)}
                  >
                    <h2 className={classes.heading}>
                      {name} <small>{entries.length}</small>
                    </h2>
                    <Cards label={name} entries={entries} />
                  </section>
                ))}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function groups(list: readonly CatalogEntry[]): { name: string; entries: CatalogEntry[] }[] {
  const found = new Map<string, CatalogEntry[]>();
  for (const entry of list) found.set(entry.categoryName, [...(found.get(entry.categoryName) ?? []), entry]);
  return [...found].map(([name, entries]) => ({ name, entries }));
}

/** What to connect first; the server says the order. */
function Recommended({ entries }: { entries: readonly CatalogEntry[] }) {
  const steps = groups(entries.filter(({ recommended }) => recommended !== null));
  return (
    <section className={classes.recommended} aria-label="Where to begin">
      <h2 className={classes.heading}>Where to begin</h2>
      <p className={classes.lead}>
        In this order each connection makes the next one more useful. One of each is enough.
      </p>
      <ol className={classes.steps}>
        {steps.map(({ name, entries: some }) => (
          <li key={name}>
            <strong>{name}</strong>
            <span>
              {some.map(({ slug, name: provider }, at) => (
                <span key={slug}>
                  {at > 0 && ', '}
                  <EntryLink slug={slug}>{provider}</EntryLink>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function EntryLink({ slug, children }: { slug: string; children: string }) {
  return (
    <Link
      from="/connections/available"
      to="."
      search={(before) => ({ ...before, entry: slug, connect: undefined })}
      resetScroll={false}
    >
      {children}
    </Link>
  );
}

function Cards({ label, entries }: { label: string; entries: readonly CatalogEntry[] }) {
  return (
    <ul className={classes.cards} aria-label={label}>
      {entries.map((entry) => (
        <li key={entry.slug} className={classes.card}>
          <h3 className={classes.name}>
            <EntryLink slug={entry.slug}>{entry.name}</EntryLink>
          </h3>
          <p className={classes.text}>{entry.description}</p>
          <p className={classes.marks}>
            <span className={classes.mark} data-kind={entry.kind} title={KINDS[entry.kind].text}>
              {KINDS[entry.kind].word}
            </span>
            <span>{counted(entry.testCount, 'test')}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
