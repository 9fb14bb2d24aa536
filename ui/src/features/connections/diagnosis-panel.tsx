import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { IconRefresh, IconSparkles, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { STEP_WORDS } from '@/features/connections/step-words';
import { CONNECTION_TABS } from '@/features/connections/tabs';
import type { Diagnosis, DiagnosisCause, DiagnosisPage } from '@/shared/api/diagnosis';
import { Facts } from '@/shared/ui/facts';
import { sentence } from '@/shared/ui/form-errors';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import classes from '@/features/connections/diagnosis-panel.module.css';

/** The summary that is being made. */
export type Asking = {
  ask: () => void;
  /** The text so far; null while nobody asks. */
  text: string | null;
  error: Error | null;
  rate: (helpful: boolean | null) => void;
  rating: boolean;
};

/** Why a connection is unhealthy and what to do about it; nothing for a healthy one. */
export function DiagnosisPanel({
  diagnosis,
  asking,
}: {
  diagnosis: Diagnosis;
  /** For whom may ask a model. */
  asking: Asking | undefined;
}) {
  if (diagnosis.healthy) return null;
  const { causes, madeFrom, summary } = diagnosis;
  return (
    <Panel
      title="Diagnosis"
      aside={
        madeFrom.startedAt === null ? (
          'Plumbline shows steps from the first run on'
        ) : (
          <>
            made from the run of <RelativeTime at={madeFrom.startedAt} />
          </>
        )
      }
    >
      {causes.map((cause) => (
        <Cause
          key={cause.resourceId ?? 0}
          connectionId={diagnosis.connectionId}
          cause={cause}
          named={causes.length > 1}
        />
      ))}
      {(summary.state !== 'OFF' || asking?.text != null) && <Summary summary={summary} asking={asking} />}
    </Panel>
  );
}

function Cause({ connectionId, cause, named }: { connectionId: number; cause: DiagnosisCause; named: boolean }) {
  const facts: (readonly [string, ReactNode])[] = [];
  if (cause.step !== null) facts.push(['Failed step', stepWord(cause.step)]);
  if (cause.at !== null) facts.push(['When', <RelativeTime key="at" at={cause.at} />]);
  for (const { label, value, time } of cause.facts)
    facts.push([label, time ? <RelativeTime key={label} at={value} /> : value]);
  return (
    <section className={classes.cause} aria-label={cause.title}>
      <div>
        <h3 className={classes.title}>
          {cause.title}
          {named && cause.resourceName !== null && <small>{cause.resourceName}</small>}
        </h3>
        <p className={classes.text}>{cause.text}</p>
        <ol className={classes.steps} aria-label="What to do">
          {cause.steps.map(({ text, page, button }) => (
            <li key={text}>
              <span>{text}</span>
              {page !== undefined && button !== undefined && (
                <Leading
                  connectionId={connectionId}
                  page={page}
                  word={button}
                  resource={cause.resourceId ?? undefined}
                />
              )}
            </li>
          ))}
        </ol>
      </div>
      {facts.length > 0 && (
        <div className={classes.facts}>
          <Facts facts={facts} />
        </div>
      )}
    </section>
  );
}

function stepWord(name: string): string {
  return (STEP_WORDS as Record<string, { word: string } | undefined>)[name]?.word ?? name;
}

/** Leads to where a step can be done. */
function Leading({
  connectionId,
  page,
  word,
  resource,
}: {
  connectionId: number;
  page: DiagnosisPage;
  word: string;
  resource: number | undefined;
}) {
  const look = { size: 'compact-xs', variant: 'default' } as const;
  if (page === 'keys')
    return (
      <LinkButton {...look} to="/settings/keys" search={{}}>
        {word}
      </LinkButton>
    );
  if (page === 'events')
    return (
      <LinkButton {...look} to="/events" search={{ connection: connectionId }}>
        {word}
      </LinkButton>
    );
  const tab = CONNECTION_TABS.find((each) => each === page);
  if (tab === undefined) return null;
  return (
    <LinkButton
      {...look}
      to="/connections/$connectionId"
      params={{ connectionId }}
      search={{ tab, resource }}
      resetScroll={false}
    >
      {word}
    </LinkButton>
  );
}

function Summary({ summary, asking }: { summary: Diagnosis['summary']; asking: Asking | undefined }) {
  const coming = asking?.text ?? null;
  return (
    <section className={classes.summary} aria-label="Summary by AI" aria-busy={coming !== null}>
      <Group justify="space-between" gap={8}>
        <h3 className={classes.title}>
          <IconSparkles size={16} aria-hidden /> Summary by AI
        </h3>
        {asking !== undefined && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={coming !== null}
            onClick={asking.ask}
          >
            {summary.text === null ? 'Ask for a summary' : 'Refresh'}
          </Button>
        )}
      </Group>
      {coming !== null ? (
        <p className={classes.words}>{coming === '' ? 'The model is asked …' : coming}</p>
      ) : summary.text === null ? (
        <Text size="sm" c="dimmed">
          {summary.message}
        </Text>
      ) : (
        <>
          <p className={classes.words}>{summary.text}</p>
          <Group gap={8} className={classes.foot}>
            <Text size="xs" c="dimmed">
              By {summary.model}, <RelativeTime at={summary.createdAt} />. It may be wrong.
            </Text>
            {asking !== undefined && (
              <Group gap={4}>
                <Thumb helpful value={summary.helpful} asking={asking} />
                <Thumb helpful={false} value={summary.helpful} asking={asking} />
              </Group>
            )}
          </Group>
        </>
      )}
      <div role="alert">
        {asking?.error != null && coming === null && (
          <Text size="sm" className={classes.error}>
            {sentence(asking.error)}
          </Text>
        )}
      </div>
    </section>
  );
}

function Thumb({ helpful, value, asking }: { helpful: boolean; value: boolean | null; asking: Asking }) {
  const chosen = value === helpful;
  const word = helpful ? 'This helped' : 'This did not help';
  return (
    <ActionIcon
      size="sm"
      variant={chosen ? 'light' : 'subtle'}
      color={chosen ? 'blue' : 'gray'}
      aria-label={word}
      title={word}
      aria-pressed={chosen}
      disabled={asking.rating}
      onClick={() => {
        asking.rate(chosen ? null : helpful);
      }}
    >
      {helpful ? <IconThumbUp size={15} /> : <IconThumbDown size={15} />}
    </ActionIcon>
  );
}
