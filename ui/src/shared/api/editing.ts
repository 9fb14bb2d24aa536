import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const TESTS = '/public/v2/workspaces/{workspaceId}/monitoring-tests';

type Post<Path extends keyof paths> = paths[Path] extends { post: infer Operation } ? BodyOf<Operation> : never;
type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? BodyOf<Operation> : never;

export type Lint = Post<`${typeof TESTS}/lint`>;
export type Diagnostic = Lint['diagnostics'][number];
export type Edit = NonNullable<Diagnostic['suggestion']>['edits'][number];
export type Proposals = Post<`${typeof TESTS}/complete`>;
export type Proposal = Proposals['items'][number];
export type RuleLanguage = Get<'/public/v2/rule-language'>;

/** What a text is meant to be. */
export type Subject = 'logic' | 'group' | 'evaluator' | 'condition';

/** A text of the rule language in an editor, and where it stands. */
export type Edited = { workspaceId: number; text: string; what: Subject; resourceId?: number | undefined };

const bodyFor = ({ text, what, resourceId }: Edited) => ({
  text,
  what,
  ...(resourceId === undefined ? {} : { resourceId }),
});

/** What is wrong with a text, at its place; with format also the text laid out. */
export function lintText(edited: Edited, signal?: AbortSignal, format = false): Promise<Lint> {
  return bodyOf<Lint>(
    api.POST(`${TESTS}/lint`, {
      params: { path: { workspaceId: edited.workspaceId } },
      body: { ...bodyFor(edited), format },
      parseAs: 'text',
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** How a text can go on at an offset in UTF-16 units. */
export function completeText(edited: Edited, offset: number, signal: AbortSignal): Promise<Proposals> {
  return bodyOf<Proposals>(
    api.POST(`${TESTS}/complete`, {
      params: { path: { workspaceId: edited.workspaceId } },
      body: { ...bodyFor(edited), offset },
      parseAs: 'text',
      signal,
    }),
  );
}

/** The rule language as the server speaks it. */
export function ruleLanguageQuery() {
  return queryOptions({
    queryKey: ['rule language'],
    queryFn: ({ signal }) => bodyOf<RuleLanguage>(api.GET('/public/v2/rule-language', { parseAs: 'text', signal })),
    staleTime: Infinity,
  });
}
