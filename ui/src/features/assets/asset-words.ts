import type { Asset, AssetClass, AssetType } from '@/shared/api/assets';

export const CLASSES: readonly { value: AssetClass; label: string }[] = [
  { value: 'HARDWARE', label: 'Hardware' },
  { value: 'SOFTWARE', label: 'Software' },
  { value: 'CODE', label: 'Code' },
  { value: 'COMPUTE', label: 'Compute' },
  { value: 'CONTAINER', label: 'Container' },
  { value: 'DATABASE', label: 'Database' },
  { value: 'STORAGE', label: 'Storage' },
  { value: 'NETWORKING', label: 'Networking' },
  { value: 'DOCUMENT', label: 'Document' },
  { value: 'POLICY', label: 'Policy' },
  { value: 'PERSONNEL', label: 'Personnel' },
];

export const TYPES: readonly { value: AssetType; label: string }[] = [
  { value: 'PHYSICAL', label: 'Physical' },
  { value: 'VIRTUAL', label: 'Virtual' },
];

export const KINDS = [
  { value: 'devices', label: 'Devices' },
  { value: 'others', label: 'Other assets' },
] as const;

export const STATES = [
  { value: 'present', label: 'In use' },
  { value: 'removed', label: 'Removed' },
] as const;

const words: Record<string, string> = Object.fromEntries(CLASSES.map(({ value, label }) => [value, label]));

/** The classes of an asset in words; one that this page does not know is shown as it is. */
export function classWords({ assetClassTypes = [] }: Pick<Asset, 'assetClassTypes'>): string[] {
  return assetClassTypes.map(({ assetClassType }) => words[assetClassType] ?? assetClassType);
}

export function typeWord({ assetType }: Pick<Asset, 'assetType'>): string {
  return TYPES.find(({ value }) => value === assetType)?.label ?? assetType;
}
