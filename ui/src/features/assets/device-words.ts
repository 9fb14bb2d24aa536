import type { Device, DeviceFilter, DeviceSummary } from '@/shared/api/devices';
import type { Check } from '@/shared/format/compliance';

export const PLATFORMS: readonly { value: NonNullable<Device['platformName']>; label: string }[] = [
  { value: 'MACOS', label: 'macOS' },
  { value: 'WINDOWS', label: 'Windows' },
  { value: 'LINUX', label: 'Linux' },
  { value: 'UNIX', label: 'Unix' },
  { value: 'ANDROID', label: 'Android' },
];

export const SOURCES: readonly { value: Device['sourceType']; label: string }[] = [
  { value: 'CUSTOM', label: 'Script or MDM' },
  { value: 'AGENT', label: 'Agent' },
];

export type DeviceLook = 'passes' | 'fails' | 'unknown' | 'stale';

const standing = ({ statuses }: DeviceSummary, status: 'PASS' | 'FAIL' | 'MISCONFIGURED') =>
  statuses.find(({ complianceStatus }) => complianceStatus === status)?.count ?? 0;

/** How devices stand, each with what the server lists for it. */
export const DEVICE_LOOKS: readonly {
  value: DeviceLook;
  title: string;
  text: string;
  grave: boolean;
  count: (summary: DeviceSummary) => number;
  filter: DeviceFilter;
}[] = [
  {
    value: 'passes',
    title: 'Compliant',
    text: 'Every check passes.',
    grave: false,
    count: (summary) => standing(summary, 'PASS'),
    filter: { 'complianceStatus[]': ['PASS'] },
  },
  {
    value: 'fails',
    title: 'A check fails',
    text: 'At least one protection is off.',
    grave: true,
    count: (summary) => standing(summary, 'FAIL'),
    filter: { 'complianceStatus[]': ['FAIL'] },
  },
  {
    value: 'unknown',
    title: 'Not known',
    text: 'None fails, but one is not known.',
    grave: true,
    count: (summary) => standing(summary, 'MISCONFIGURED'),
    filter: { 'complianceStatus[]': ['MISCONFIGURED'] },
  },
  {
    value: 'stale',
    title: 'Silent',
    text: 'No report for 30 days.',
    grave: true,
    count: ({ stale }) => stale,
    filter: { stale: true },
  },
];

type Said = boolean | number | null;

/** What a report says of each protection: the fields, as the API names them. */
export const REPORTED: readonly {
  word: string;
  check?: Check['type'];
  said: (of: Device) => readonly (readonly [field: string, value: Said])[];
  explanation: (of: Device) => unknown;
}[] = [
  {
    word: 'Password manager',
    check: 'PASSWORD_MANAGER',
    said: (of) => [['passwordManagerEnabled', of.passwordManagerEnabled]],
    explanation: (of) => of.passwordManagerExplanation,
  },
  {
    word: 'Disk encryption',
    check: 'HDD_ENCRYPTION',
    said: (of) => [['encryptionEnabled', of.encryptionEnabled]],
    explanation: (of) => of.encryptionExplanation,
  },
  {
    word: 'Antivirus',
    check: 'ANTIVIRUS',
    said: (of) => [['antivirusEnabled', of.antivirusEnabled]],
    explanation: (of) => of.antivirusExplanation,
  },
  {
    word: 'Automatic updates',
    check: 'AUTO_UPDATES',
    said: (of) => [['autoUpdateEnabled', of.autoUpdateEnabled]],
    explanation: (of) => of.autoUpdateExplanation,
  },
  {
    word: 'Lock screen',
    check: 'LOCK_SCREEN',
    said: (of) => [
      ['screenLockEnabled', of.screenLockEnabled],
      ['screenLockTime', of.screenLockTime],
    ],
    explanation: (of) => of.screenLockExplanation,
  },
  {
    word: 'Firewall',
    said: (of) => [['firewallEnabled', of.firewallEnabled]],
    explanation: (of) => of.firewallExplanation,
  },
];

/** An example of a report, with which a script can begin. */
export function reportCommand(origin: string, connectionId: number): string {
  return `curl -sS -X POST '${origin}/public/v2/custom-connections/${connectionId}/devices' \\
  -H "Authorization: Bearer $PLUMBLINE_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"personnelId": "email:ada@example.com", "platformName": "MACOS", "platformVersion": "15.1",
       "model": "MacBook Pro", "serialNumber": "C02XY", "encryptionEnabled": true, "antivirusEnabled": true,
       "autoUpdateEnabled": true, "passwordManagerEnabled": true, "screenLockEnabled": true}'`;
}
