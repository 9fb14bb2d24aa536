import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { AvailableFramework, Framework } from '@/shared/api/frameworks';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { Page } from '@/shared/ui/page';
import { ReadinessBar } from '@/shared/ui/readiness';
import { Empty, Loaded } from '@/shared/ui/states';
import classes from '@/features/frameworks/frameworks-page.module.css';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function FrameworksPage({
  installed,
  available,
  installing,
  install,
  create,
  upload,
}: {
  installed: Query<{ data: Framework[] }>;
  available: Query<{ data: AvailableFramework[] }>;
  /** The framework that is being installed. */
  installing: string | undefined;
  install: (framework: AvailableFramework) => void;
  create: () => void;
  upload: () => void;
}) {
  const may = useMay();
  const makes = may('workspaces-post-framework');
  return (
    <Page
      title="Frameworks"
      below="What is demanded of the organisation, and how much of it is ready."
      actions={
        makes && (
          <>
            <Button size="xs" variant="default" onClick={upload}>
              Import
            </Button>
            <Button size="xs" onClick={create}>
              New framework
            </Button>
          </>
        )
      }
    >
      <Loaded query={installed} label="frameworks">
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              title="No frameworks yet"
              actions={
                makes && (
                  <>
                    <Button size="xs" onClick={upload}>
                      Import a framework
                    </Button>
                    <Button size="xs" variant="default" onClick={create}>
                      Write your own
                    </Button>
                  </>
                )
              }
            >
              Install one of those below: it brings its requirements and the controls that serve them.
            </Empty>
          ) : (
            <ul className={classes.cards} aria-label="Installed frameworks">
              {data.map((framework) => (
                <Card key={framework.id} framework={framework} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <h2 className={classes.heading}>Available</h2>
      <Loaded query={available} label="available frameworks">
        {({ data }) => (
          <ul className={classes.cards} aria-label="Available frameworks">
            {data
              .filter(({ frameworkId, updateAvailable }) => frameworkId === null || updateAvailable)
              .map((framework) => (
                <Available
                  key={framework.slug}
                  framework={framework}
                  busy={installing !== undefined}
                  loading={installing === framework.slug}
                  {...(makes
                    ? {
                        install: () => {
                          install(framework);
                        },
                      }
                    : {})}
                />
              ))}
          </ul>
        )}
      </Loaded>
    </Page>
  );
}

function Badge({ pill, color, bgColor }: { pill: string; color: string; bgColor: string }) {
  return (
    // The colours of a framework are data.
    <span className={classes.badge} style={{ '--badge': color, '--badge-fill': bgColor } as React.CSSProperties}>
      {pill}
    </span>
  );
}

function Card({ framework }: { framework: Framework }) {
  return (
    <li className={classes.card} data-off={!framework.isEnabled || undefined}>
      <div className={classes.cardHead}>
        <Badge pill={framework.pill} color={framework.color} bgColor={framework.bgColor} />
        {!framework.isEnabled && <span className={classes.mark}>disabled</span>}
        {framework.updateAvailable && <span className={classes.mark}>new edition</span>}
        {!framework.isShipped && <span className={classes.mark}>your own</span>}
      </div>
      <h2 className={classes.name}>
        <Link to="/frameworks/$frameworkId" params={{ frameworkId: framework.id }}>
          {framework.name}
        </Link>
      </h2>
      <ReadinessBar
        label={framework.name}
        ready={framework.numReadyInScopeRequirements}
        total={framework.numInScopeRequirements}
        out={framework.numOutOfScopeRequirements}
        unit="requirements"
      />
      <p className={classes.small}>
        {framework.numReadyInScopeControls} of {counted(framework.numInScopeControls, 'control')} ready
      </p>
    </li>
  );
}

function Available({
  framework,
  busy,
  loading,
  install,
}: {
  framework: AvailableFramework;
  busy: boolean;
  loading: boolean;
  install?: () => void;
}) {
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <Badge pill={framework.pill} color={framework.color} bgColor={framework.bgColor} />
        {framework.updateAvailable && <span className={classes.mark}>new edition</span>}
      </div>
      <h3 className={classes.name}>{framework.name}</h3>
      <p className={classes.text} title={framework.description}>
        {framework.description}
      </p>
      <p className={classes.small}>
        Brings {counted(framework.numRequirements, 'requirement')} and {counted(framework.numControls, 'control')}.
      </p>
      <details className={classes.small}>
        <summary>Source and licence</summary>
        <p>{framework.source}</p>
        <p>{framework.licence}</p>
      </details>
      {install !== undefined && (
        <Button
          size="xs"
          variant="default"
          loading={loading}
          disabled={busy && !loading}
          onClick={install}
          aria-label={`${framework.updateAvailable ? 'Update' : 'Install'} ${framework.name}`}
        >
          {framework.updateAvailable ? 'Update' : 'Install'}
        </Button>
      )}
    </li>
  );
}
