import type { EventSource } from '@/shared/api/events';

/** The categories that this program's events have. */
export const CATEGORIES = [
  { value: 'MONITOR', label: 'Tests and exclusions' },
  { value: 'CUSTOM_CONNECTION', label: 'Connections and records' },
  { value: 'CONTROL', label: 'Controls' },
  { value: 'FRAMEWORK', label: 'Frameworks' },
  { value: 'NOTIFICATION', label: 'Notifications' },
  { value: 'ACCOUNT', label: 'Accounts and access reviews' },
  { value: 'PUBLIC_API_KEY', label: 'API keys' },
  { value: 'COMPANY', label: 'Organisation' },
] as const;

export type EventCategory = (typeof CATEGORIES)[number]['value'];

export const SOURCES: readonly { value: EventSource; label: string }[] = [
  { value: 'APP', label: 'Web app and command line' },
  { value: 'PUBLIC_API', label: 'API' },
  { value: 'AUTOPILOT', label: 'Verdicts' },
  { value: 'SCHEDULED', label: 'Clock' },
];

export function categoryWord(category: string): string {
  return CATEGORIES.find(({ value }) => value === category)?.label ?? typeWord(category);
}

/** A type such as MONITOR_TEST_PUBLISHED as words: "Monitor test published". */
export function typeWord(type: string): string {
  const words = type.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A property such as controlId as words: "Control id". */
export function factWord(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
