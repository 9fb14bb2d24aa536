import { describe, expect, it } from 'vitest';
import type { Finding } from '@/shared/api/types';
import { duration } from '@/features/tests/words';
import { ticketText } from '@/features/tests/ticket';

const finding = {
  id: '1',
  recordId: 'u-1',
  resourceName: 'Ada',
  providerName: 'Identity',
  failedSince: '2026-06-15T12:34:56.789Z',
  causeText: ['`mfa` is false, expected true'],
} as Finding;

describe('ticketText', () => {
  it('says what fails, since when, why and where', () => {
    expect(ticketText({ name: 'MFA is on', description: 'Everybody has it.' }, [finding], 'http://x/tests/1')).toBe(
      [
        'Ada fails: MFA is on',
        '',
        'Record: Ada (u-1)',
        'Connection: Identity',
        'Failing since: 15 Jun 2026, 12:34:56 UTC',
        '',
        'Why:',
        '- `mfa` is false, expected true',
        '',
        'What is demanded:',
        'Everybody has it.',
        '',
        'Details: http://x/tests/1',
      ].join('\n'),
    );
  });

  it('takes the earliest beginning, and leaves out what is not known', () => {
    const text = ticketText(
      { name: 'T', description: '' },
      [
        { ...finding, recordId: 'Ada' },
        { ...finding, failedSince: '2026-01-01T00:00:00.000Z' },
      ],
      'x',
    );
    expect(text).toContain('1 Jan 2026');
    expect(text).toContain('Record: Ada\n');
    expect(text).not.toContain('demanded');
    expect(ticketText({ name: 'T', description: '' }, [{ ...finding, failedSince: null }], 'x')).not.toContain('since');
    expect(ticketText({ name: 'T', description: '' }, [], 'x')).toBe('');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [59_499, '59 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [null, '–'],
  ])('%s is %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });
});
