import type { Finding } from '@/shared/api/types';
import { exactTime } from '@/shared/format/time';

/** A finding as text for a ticket in any system. */
export function ticketText(test: { name: string; description: string }, findings: Finding[], address: string): string {
  const [first] = findings;
  if (first === undefined) return '';
  const id = first.recordId === null || first.recordId === first.resourceName ? '' : ` (${first.recordId})`;
  const since = findings.flatMap((finding) => finding.failedSince ?? []).sort()[0];
  const lines = [
    `${first.resourceName} fails: ${test.name}`,
    '',
    `Record: ${first.resourceName}${id}`,
    `Connection: ${first.providerName}`,
    ...(since === undefined ? [] : [`Failing since: ${exactTime(since, 'UTC')}`]),
    '',
    'Why:',
    ...findings.flatMap((finding) => finding.causeText.map((cause) => `- ${cause}`)),
    ...(test.description === '' ? [] : ['', 'What is demanded:', test.description]),
    '',
    `Details: ${address}`,
  ];
  return lines.join('\n');
}
