import type { Exclusion, ExclusionProblem, ExclusionState } from '@/shared/api/exclusions';

export const STATES: readonly { value: ExclusionState | 'ALL'; label: string }[] = [
  { value: 'ACTIVE', label: 'In force' },
  { value: 'EXPIRED', label: 'Expired' },
  { value: 'FIXED', label: 'Ended: mended' },
  { value: 'DELETED', label: 'Deleted' },
  { value: 'ALL', label: 'Any state' },
];

export function stateWord(state: ExclusionState): string {
  return STATES.find((each) => each.value === state)?.label ?? state;
}

export const KINDS = [
  { value: 'RECORD', label: 'One record' },
  { value: 'SELECTOR', label: 'All that match' },
] as const;

/** What the self-audit finds, and what to do about it. */
export const PROBLEMS: readonly { value: ExclusionProblem; title: string; text: string; advice: string }[] = [
  {
    value: 'EXPIRING',
    title: 'About to expire',
    text: 'What they cover will count again soon.',
    advice: 'Mend the records, or extend the exclusion if its reason still holds.',
  },
  {
    value: 'EXPIRED',
    title: 'Expired',
    text: 'They ended by time in the last 90 days.',
    advice: 'What they covered counts again. Exclude it anew if the reason still holds.',
  },
  {
    value: 'UNUSED',
    title: 'Not needed',
    text: 'Nothing that they cover fails.',
    advice: 'Delete them: an exclusion that covers nothing can only hide something later.',
  },
  {
    value: 'MATCHES_MORE',
    title: 'Cover more than approved',
    text: 'Their condition matches more records than at the time of approval.',
    advice: 'Look at what came to it, then make the condition narrower, or have it approved as it is.',
  },
];

/** An http or https address; anything else is shown as text only. */
export function webAddress(text: string | null | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const { protocol, href } = new URL(text);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** How an exclusion is named in the address: its id is one within its test. */
export function exclusionName({ testId, id }: Pick<Exclusion, 'testId' | 'id'>): string {
  return `${testId}.${id}`;
}

export function namedExclusion(name: string | undefined): { testId: number; exclusionId: number } | undefined {
  const found = /^([1-9][0-9]{0,15})\.([1-9][0-9]{0,15})$/.exec(name ?? '');
  return found === null ? undefined : { testId: Number(found[1]), exclusionId: Number(found[2]) };
}
