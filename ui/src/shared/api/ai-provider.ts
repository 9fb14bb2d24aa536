import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const PROVIDER = '/public/v2/settings/ai-provider';

export type AIProvider = BodyOf<paths[typeof PROVIDER]['get']>;
export type AITrial = BodyOf<paths[`${typeof PROVIDER}/actions`]['post']>;

export function aiProviderQuery() {
  return queryOptions({
    queryKey: ['settings', 'ai provider'],
    queryFn: ({ signal }) => bodyOf<AIProvider>(api.GET(PROVIDER, { parseAs: 'text', signal })),
    staleTime: 60_000,
  });
}

/** What changes; what is absent stays, and a key that is null is taken away. */
export type AIProviderChange = {
  enabled?: boolean;
  url?: string;
  model?: string;
  maxTokens?: number;
  key?: string | null;
};

export function updateAIProvider(body: AIProviderChange): Promise<AIProvider> {
  return bodyOf(api.PUT(PROVIDER, { body, parseAs: 'text' }));
}

export function tryAIProvider(): Promise<AITrial> {
  return bodyOf(api.POST(`${PROVIDER}/actions`, { body: { action: 'test' }, parseAs: 'text' }));
}
