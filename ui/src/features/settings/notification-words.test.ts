import { describe, expect, it } from 'vitest';
import { targetsOf, topicWord, whenWords } from '@/features/settings/notification-words';
import type { Channel } from '@/shared/api/notifications';

describe('whenWords', () => {
  const at = { time: '08:00', timeZone: 'Europe/Berlin' };
  it.each([
    [{ mode: 'immediate' as const }, 'At once'],
    [{ mode: 'digest' as const, digestAt: { every: 'DAY' as const, ...at } }, 'Daily at 08:00, Europe/Berlin'],
    [
      { mode: 'digest' as const, digestAt: { every: 'WEEK' as const, weekday: 'MONDAY' as const, ...at } },
      'Mondays at 08:00, Europe/Berlin',
    ],
  ])('%j', (rule, words) => {
    expect(whenWords(rule)).toBe(words);
  });
});

it('shows a topic that it does not know as it is', () => {
  expect([topicWord('DRIFT'), topicWord('NEW_ONE')]).toEqual([
    'Stored results were not right and were corrected',
    'NEW_ONE',
  ]);
});

it('tells where a channel leads and who gets nothing', () => {
  const channel: Channel = {
    id: 1,
    kind: 'mail',
    name: 'On duty',
    to: ['a@example.com'],
    controlOwners: true,
    users: [
      { id: 2, name: 'Ada', email: 'ada@example.com' },
      { id: 3, name: 'Eve', email: 'eve@example.com', noMailBecause: 'DISABLED' },
    ],
    createdAt: '',
    updatedAt: '',
  };
  expect(targetsOf(channel)).toEqual({
    leads: 'owners of the controls, Ada, Eve, a@example.com',
    warnings: ['Eve gets no mail: is disabled'],
  });
});
