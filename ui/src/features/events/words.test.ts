import { expect, it } from 'vitest';
import { categoryWord, factWord, typeWord } from '@/features/events/words';

it('says names of the API in words', () => {
  expect(typeWord('MONITOR_TEST_PUBLISHED')).toBe('Monitor test published');
  expect(factWord('controlId')).toBe('Control id');
  expect(factWord('reason')).toBe('Reason');
  expect(categoryWord('CONTROL')).toBe('Controls');
  expect(categoryWord('SOMETHING_NEW')).toBe('Something new');
});
