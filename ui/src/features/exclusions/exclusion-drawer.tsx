import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Exclusion, type ExclusionVersion, selectorPreviewQuery } from '@/shared/api/exclusions';
import { exactTime } from '@/shared/format/time';
import { counted } from '@/shared/format/number';
import { Expiry } from '@/features/exclusions/expiry';
import { Reach } from '@/features/exclusions/selector-form';
import { PROBLEMS, webAddress } from '@/features/exclusions/words';
import { categoryWord } from '@/shared/format/exclusion';
import { useMay } from '@/shared/auth/may';
import { Facts } from '@/shared/ui/facts';
import { JsonView } from '@/shared/ui/json-view';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/exclusions/exclusions-page.module.css';

type Opened = { data: Exclusion | undefined; error: Error | null; refetch: () => unknown };

/** One exclusion with what it covers now and all that it said before. */
export function ExclusionDrawer({
  workspaceId,
  opened,
  close,
  edit,
  extend,
  remove,
}: {
  workspaceId: number;
  opened: Opened | undefined;
  close: () => void;
  edit: (exclusion: Exclusion) => void;
  extend: (exclusion: Exclusion) => void;
  remove: (exclusion: Exclusion) => void;
}) {
  const may = useMay();
  const exclusion = opened?.data;
  const active = exclusion?.state === 'ACTIVE';
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={exclusion?.targetName ?? 'Exclusion'}
      actions={
        active && (
          <>
            {may('monitors-put-exclusion') && (
              <>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    edit(exclusion);
                  }}
                >
                  Edit
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    extend(exclusion);
                  }}
                >
                  Extend
                </Button>
              </>
            )}
            {may('monitors-delete-exclusion') && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  remove(exclusion);
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
        <Loaded query={opened} label="the exclusion">
          {(data) => <Detail workspaceId={workspaceId} exclusion={data} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Detail({ workspaceId, exclusion }: { workspaceId: number; exclusion: Exclusion }) {
  const { now, approved, problems = [], versions = [], selector } = exclusion;
  const preview = useQuery({
    ...selectorPreviewQuery({ workspaceId, testId: exclusion.testId }, exclusion.resourceId, selector ?? {}),
    enabled: selector !== undefined && exclusion.state === 'ACTIVE',
  });
  return (
    <>
      {PROBLEMS.filter(({ value }) => problems.includes(value)).map((problem) => (
        <p key={problem.value} className={classes.problem}>
          <b>{problem.title}.</b> {problem.advice}
        </p>
      ))}
      <Facts
        facts={[
          [
            'Test',
            <Link key="test" to="/tests/$testId" params={{ testId: exclusion.testId }}>
              {exclusion.testName}
            </Link>,
          ],
          [
            selector === undefined ? 'Record' : 'Records of',
            <Link
              key="record"
              to="/connections/$connectionId/resources/$resourceId"
              params={{ connectionId: exclusion.connectionId, resourceId: exclusion.resourceId }}
              search={selector === undefined ? { record: exclusion.targetId } : {}}
            >
              {selector === undefined ? exclusion.targetId : exclusion.resourceName}
            </Link>,
          ],
          ['Reason', exclusion.reason],
          ['Kind', categoryWord(exclusion.category)],
          ['Until', <Expiry key="until" exclusion={exclusion} />],
          exclusion.expireOnFix ? ['Also ends', 'once the record does not fail any more'] : null,
          exclusion.approver ? ['Approved by', exclusion.approver] : null,
          exclusion.ticketUrl ? ['Ticket', <Ticket key="ticket" text={exclusion.ticketUrl} />] : null,
          [
            'Created',
            <span key="created">
              <RelativeTime at={exclusion.createdAt} /> by {exclusion.createdBy.name}
            </span>,
          ],
        ]}
      />
      {now !== undefined && (
        <DrawerPart title="What it covers">
          <Facts
            facts={[
              ['Now', reachInWords(now)],
              ['When approved', reachInWords(approved)],
            ]}
          />
        </DrawerPart>
      )}
      {selector !== undefined && (
        <DrawerPart title="Condition">
          {exclusion.state === 'ACTIVE' && <Reach preview={preview} ready />}
          <details className={classes.json}>
            <summary>As JSON</summary>
            <JsonView value={selector} label="condition as JSON" />
          </details>
        </DrawerPart>
      )}
      <DrawerPart
        title="History"
        aside={
          <Link to="/events" search={{ exclusion: exclusion.id }}>
            All events
          </Link>
        }
      >
        <ol className={classes.history}>
          {[...versions].reverse().map((version, at, all) => (
            <li key={version.version}>
              <Text size="xs" c="dimmed">
                <RelativeTime at={version.validFrom} /> by {version.author.name}
              </Text>
              <Changes version={version} before={all[at + 1]} />
            </li>
          ))}
        </ol>
      </DrawerPart>
    </>
  );
}

function reachInWords({ matching, failing }: { matching: number; failing: number }): string {
  return `${counted(matching, 'record')} in scope, ${counted(failing, 'of them fails', 'of them fail')}`;
}

function Ticket({ text }: { text: string }) {
  const address = webAddress(text);
  if (address === undefined) return <>{text}</>;
  return (
    <a href={address} target="_blank" rel="noreferrer noopener">
      {text}
    </a>
  );
}

/** What one version says otherwise than the one before. */
function Changes({ version, before }: { version: ExclusionVersion; before: ExclusionVersion | undefined }) {
  if (before === undefined) {
    return <p className={classes.change}>Excluded: “{version.reason}”</p>;
  }
  const day = (at: string | null | undefined) => (at ? exactTime(at) : 'no end');
  const pairs: [string, string, string][] = [
    ['Reason', before.reason, version.reason],
    ['Kind', categoryWord(before.category), categoryWord(version.category)],
    ['Until', day(before.expiresAt), day(version.expiresAt)],
    ['Approved by', before.approver ?? '–', version.approver ?? '–'],
    ['Ticket', before.ticketUrl ?? '–', version.ticketUrl ?? '–'],
    ['Ends when mended', before.expireOnFix ? 'yes' : 'no', version.expireOnFix ? 'yes' : 'no'],
    ['Condition', JSON.stringify(before.selector ?? null), JSON.stringify(version.selector ?? null)],
  ];
  return (
    <>
      {pairs
        .filter(([, from, to]) => from !== to)
        .map(([word, from, to]) => (
          <p key={word} className={classes.change}>
            {word}: <del>{from}</del> → <ins>{to}</ins>
          </p>
        ))}
    </>
  );
}
