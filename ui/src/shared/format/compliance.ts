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
  EXCLUDED: 'Excluded',
};

/** How people can stand as a whole. */
export const STANDINGS = (Object.keys(STATUS_WORDS) as CheckStatus[]).map((value) => ({
  value,
  label: STATUS_WORDS[value],
}));

/** What to do when a check fails. */
export const ADVICE: Partial<Record<Check['type'], string>> = {
  AGENT_INSTALLED: 'Have a device of theirs report through an MDM connection, at least every 30 days.',
  PASSWORD_MANAGER: 'Install the password manager of the organisation, and switch it on.',
  HDD_ENCRYPTION: 'Switch on disk encryption (FileVault, BitLocker, LUKS), and keep the recovery key.',
  ANTIVIRUS: 'Install antivirus software, or switch on the one of the system.',
  AUTO_UPDATES: 'Have the system install updates by itself.',
  LOCK_SCREEN: 'Have the screen lock itself after a few minutes, with a password.',
};

/** What to do when a check does not pass. */
export function adviceOn(type: Check['type'], status: CheckStatus): string | undefined {
  return status === 'MISCONFIGURED' ? 'Have the device report it, or add a document that proves it.' : ADVICE[type];
}
