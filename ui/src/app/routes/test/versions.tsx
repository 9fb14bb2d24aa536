import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { TabProps } from '@/app/routes/test';
import { VersionsTab } from '@/features/tests/versions-tab';
import { comparisonQuery, versionsQuery } from '@/shared/api/runs';

const SIZE = 50;

export function VersionsRoute({ at }: TabProps) {
  const { cursor, from, to } = useSearch({ from: '/signed-in/tests/$testId' });
  const versions = useQuery(versionsQuery(at, { cursor, size: SIZE }));
  const list = versions.data?.data ?? [];
  // What was the draft may be published meanwhile.
  const draft = (list.find((version) => version.state === 'draft') ?? list[0])?.version;
  const number = (named: string | undefined) =>
    named === 'draft' ? (draft === undefined ? undefined : String(draft)) : named;
  // Without a choice, what changed last.
  const newest = number(to) ?? (list[0] === undefined ? undefined : String(list[0].version));
  const before = number(from) ?? (list[1] === undefined ? undefined : String(list[1].version));
  const pair = newest === undefined || before === undefined ? undefined : { from: before, to: newest };
  const difference = useQuery({
    ...comparisonQuery(at, pair?.from ?? '', pair?.to ?? ''),
    enabled: pair !== undefined && pair.from !== pair.to,
  });
  return <VersionsTab versions={versions} cursor={cursor} size={SIZE} pair={pair} difference={difference} />;
}
