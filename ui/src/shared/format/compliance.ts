import type { components } from '@/shared/api/schema';

export type Check = components['schemas']['Check'];
export type CheckStatus = Check['status'];

/** What is checked, in words. */
export const CHECK_WORDS: Record<Check['type'], string> = {
  FULL_COMPLIANCE: 'Everything',
  AGENT_INSTALLED: 'A device reports',
  PASSWORD_MANAGER: 'Password manager',
  HDD_ENCRYPTION: 'Disk encryption',
  ANTIVIRUS: 'Antivirus',
  AUTO_UPDATES: 'Automatic updates',
  LOCK_SCREEN: 'Lock screen',
};

/** What came of a check, in words. */
export const STATUS_WORDS: Record<CheckStatus, string> = {
  PASS: 'Passes',
  FAIL: 'Fails',
  MISCONFIGURED: 'Not known',
  EXCLUDED: 'Out of scope',
};
