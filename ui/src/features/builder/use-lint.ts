import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { Diagnostic, Lint } from '@/shared/api/editing';
import { lintQuery } from '@/shared/api/rules';

const TYPING_PAUSE = 250;
const NOTHING: Diagnostic[] = [];

/** What the server says of the text of the logic; what is of an earlier text stands at other places and is left out. */
export function useLint(
  workspaceId: number,
  text: string,
): {
  diagnostics: Diagnostic[];
  words: Lint['words'] | undefined;
  stale: boolean;
  /** The last text that can be evaluated; undefined while the text has an error. */
  evaluable: string | undefined;
} {
  const [settled] = useDebouncedValue(text, TYPING_PAUSE);
  const { data, error, isPlaceholderData } = useQuery(lintQuery(workspaceId, settled));
  const current = settled === text && !isPlaceholderData;
  return {
    diagnostics: current ? (data?.diagnostics ?? NOTHING) : NOTHING,
    words: data?.words,
    stale: !current,
    evaluable: error !== null || (!isPlaceholderData && data?.valid === true) ? settled : undefined,
  };
}
