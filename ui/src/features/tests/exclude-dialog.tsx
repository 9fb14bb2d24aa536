import { Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { each } from '@/shared/api/each';
import type { ExclusionPolicy } from '@/shared/api/exclusion-policy';
import type { Exclusion, NewExclusion } from '@/shared/api/exclusions';
import type { Finding } from '@/shared/api/types';
import { usualEnd } from '@/shared/format/exclusion';
import { counted } from '@/shared/format/number';
import { Dialog } from '@/shared/ui/dialog';
import { EXCLUSION_FIELDS, ExclusionFields, type ExclusionWords, saidOf } from '@/shared/ui/exclusion-fields';
import { DialogForm } from '@/shared/ui/form-dialog';
import classes from '@/features/tests/bulk-actions.module.css';

const NAMED = 8;

/** Asks why some records do not count, and until when, and takes them out one after the other. */
export function ExcludeDialog({
  findings,
  policy,
  exclude,
  close,
}: {
  /** The findings whose records are taken out; none closes the dialog. */
  findings: Finding[];
  policy: ExclusionPolicy | undefined;
  exclude: (exclusion: NewExclusion) => Promise<Exclusion>;
  close: (made: Exclusion[]) => void;
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
}: {
  findings: Finding[];
  policy: ExclusionPolicy | undefined;
  exclude: (exclusion: NewExclusion) => Promise<Exclusion>;
  close: (made: Exclusion[]) => void;
}) {
  const [words, setWords] = useState<ExclusionWords>({
    reason: '',
    category: 'ACCEPTED_RISK',
    approver: '',
    ticketUrl: '',
    expiresAt: usualEnd(policy),
    expireOnFix: false,
  });
  const [left, setLeft] = useState(findings);
  const [made, setMade] = useState<Exclusion[]>([]);

  const doing = useMutation({
    mutationFn: async () => {
      const done = [...made];
      const take = async (finding: Finding) => {
        const of = { targetId: finding.recordId ?? '', resourceId: finding.resourceId };
        done.push(await exclude({ ...of, ...saidOf(words) }));
        setMade([...done]);
      };
      // A fault of the form shows with the first one, before the others are tried.
      const [first, ...rest] = left;
      if (first === undefined) return done;
      await take(first);
      const { refused } = await each(rest, take);
      setLeft(refused.map(({ item }) => item));
      if (refused[0] !== undefined) throw refused[0].error;
      return done;
    },
    onSuccess: close,
  });
  return (
    <DialogForm
      action={`Exclude ${counted(left.length, 'record')}`}
      doing={doing}
      fields={EXCLUSION_FIELDS}
      close={() => {
        close(made);
      }}
    >
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
      <ExclusionFields words={words} onChange={setWords} error={doing.error} policy={policy} ofRecord focused />
      {doing.isPending && findings.length > 1 && (
        <Progress
          value={(100 * made.length) / findings.length}
          aria-label={`${made.length} of ${counted(findings.length, 'record')} excluded`}
        />
      )}
    </DialogForm>
  );
}
