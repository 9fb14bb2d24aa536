import { Button, Checkbox, Group, Progress, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Exclusion, NewExclusion } from '@/shared/api/exclusions';
import type { ExclusionPolicy } from '@/shared/api/exclusion-policy';
import { fieldOf } from '@/shared/api/field-of';
import type { Finding } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Dialog } from '@/shared/ui/dialog';
import { Failure } from '@/shared/ui/states';
import { forEachOf } from '@/features/tests/many';
import { CATEGORY_CHOICES } from '@/features/tests/words';
import classes from '@/features/tests/bulk-actions.module.css';

const FIELDS = ['reason', 'category', 'expiresAt', 'approver', 'ticketUrl'] as const;
const USUAL_DAYS = 90;
const DAY = 86_400_000;
const NAMED = 8;

const dayFrom = (now: number, days: number) => new Date(now + days * DAY).toISOString().slice(0, 10);

type Category = NewExclusion['category'];

/** Asks why some records do not count, and until when, and takes them out one after the other. */
export function ExcludeDialog({
  findings,
  policy,
  exclude,
  close,
  now,
}: {
  /** The findings whose records are taken out; none closes the dialog. */
  findings: Finding[];
  policy: ExclusionPolicy | undefined;
  exclude: (exclusion: NewExclusion) => Promise<Exclusion>;
  close: (made: Exclusion[]) => void;
  /** The moment from which the end is reckoned, in milliseconds. */
  now: number;
}) {
  // While the dialog goes, it shows what it was about.
  const [about, setAbout] = useState(findings);
  if (findings.length > 0 && findings !== about) setAbout(findings);
  return (
    <Dialog
      opened={findings.length > 0}
      close={() => {
        close([]);
      }}
      title={
        about.length === 1 ? `Exclude ${about[0]?.resourceName ?? ''}` : `Exclude ${counted(about.length, 'record')}`
      }
      size="lg"
    >
      {about.length > 0 && (
        <ExcludeForm
          key={about.map((finding) => finding.id).join()}
          findings={about}
          policy={policy}
          exclude={exclude}
          close={close}
          now={now}
        />
      )}
    </Dialog>
  );
}

function ExcludeForm({
  findings,
  policy,
  exclude,
  close,
  now,
}: {
  findings: Finding[];
  policy: ExclusionPolicy | undefined;
  exclude: (exclusion: NewExclusion) => Promise<Exclusion>;
  close: (made: Exclusion[]) => void;
  now: number;
}) {
  const [reason, setReason] = useState('');
  const [category, setCategory] = useState<Category>('ACCEPTED_RISK');
  const [until, setUntil] = useState(dayFrom(now, Math.min(USUAL_DAYS, policy?.maxDays ?? USUAL_DAYS)));
  const [approver, setApprover] = useState('');
  const [ticket, setTicket] = useState('');
  const [onFix, setOnFix] = useState(false);
  const [left, setLeft] = useState(findings);
  const [made, setMade] = useState<Exclusion[]>([]);

  const doing = useMutation({
    mutationFn: async () => {
      const bodyFor = (finding: Finding): NewExclusion => ({
        targetId: finding.recordId ?? '',
        resourceId: finding.resourceId,
        reason: reason.trim(),
        category,
        ...(until === '' ? {} : { expiresAt: until }),
        ...(approver.trim() === '' ? {} : { approver: approver.trim() }),
        ...(ticket.trim() === '' ? {} : { ticketUrl: ticket.trim() }),
        ...(onFix ? { expireOnFix: true } : {}),
      });
      const done = [...made];
      const take = async (finding: Finding) => {
        done.push(await exclude(bodyFor(finding)));
        setMade([...done]);
      };
      // A fault of the form shows with the first one, before the others are tried.
      const [first, ...rest] = left;
      if (first === undefined) return done;
      await take(first);
      const outcomes = await forEachOf(rest, take, () => undefined);
      const refused = outcomes.filter((outcome) => outcome.error !== null);
      setLeft(refused.map((outcome) => outcome.item));
      if (refused[0]?.error) throw refused[0].error;
      return done;
    },
    onSuccess: close,
  });
  const field = fieldOf(doing.error, FIELDS);
  const errorOf = (name: (typeof FIELDS)[number]) => (field === name ? doing.error?.message : undefined);
  const latest = policy === undefined ? undefined : dayFrom(now, policy.maxDays);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      <Stack gap={14}>
        <div className={classes.text}>
          <p>
            {findings.length === 1 ? 'This record' : `These ${counted(findings.length, 'record')}`} will not count as
            failing until the exclusion ends. The finding itself stays open and in the history.
          </p>
          {findings.length > 1 && (
            <p className={classes.names}>
              {findings
                .slice(0, NAMED)
                .map((finding) => finding.resourceName)
                .join(', ')}
              {findings.length > NAMED && ` and ${counted(findings.length - NAMED, 'other')}`}
            </p>
          )}
        </div>
        <Textarea
          label="Reason"
          description="Why this is all right, for whoever looks at it later."
          required
          maxLength={2000}
          autosize
          minRows={2}
          value={reason}
          error={errorOf('reason')}
          data-autofocus
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
        <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
          <Select
            label="Category"
            data={CATEGORY_CHOICES}
            value={category}
            allowDeselect={false}
            error={errorOf('category')}
            onChange={(value) => {
              if (value !== null) setCategory(value as Category);
            }}
          />
          <TextInput
            type="date"
            label="Until"
            description={
              policy === undefined
                ? undefined
                : `${policy.mustEnd ? 'Required' : 'Empty for no end'}, at most ${counted(policy.maxDays, 'day')} from now.`
            }
            required={policy?.mustEnd ?? true}
            min={dayFrom(now, 1)}
            {...(latest === undefined ? {} : { max: latest })}
            value={until}
            error={errorOf('expiresAt')}
            onChange={(event) => {
              setUntil(event.currentTarget.value);
            }}
          />
        </Group>
        <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
          <TextInput
            label="Approved by"
            maxLength={191}
            value={approver}
            error={errorOf('approver')}
            onChange={(event) => {
              setApprover(event.currentTarget.value);
            }}
          />
          <TextInput
            type="url"
            label="Ticket"
            placeholder="https://"
            maxLength={2000}
            value={ticket}
            error={errorOf('ticketUrl')}
            onChange={(event) => {
              setTicket(event.currentTarget.value);
            }}
          />
        </Group>
        <Checkbox
          label="End it as soon as the record does not fail any more"
          checked={onFix}
          onChange={(event) => {
            setOnFix(event.currentTarget.checked);
          }}
        />
        {doing.error !== null && field === undefined && <Failure error={doing.error} />}
        {doing.isPending && findings.length > 1 && (
          <Progress
            value={(100 * made.length) / findings.length}
            aria-label={`${made.length} of ${counted(findings.length, 'record')} excluded`}
          />
        )}
        <Group justify="flex-end" gap={8}>
          <Button
            variant="default"
            onClick={() => {
              close(made);
            }}
          >
            Cancel
          </Button>
          <Button type="submit" loading={doing.isPending}>
            Exclude {counted(left.length, 'record')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
