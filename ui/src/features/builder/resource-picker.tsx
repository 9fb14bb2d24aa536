import { Combobox } from '@mantine/core';
import type { ResourceChoice } from '@/shared/api/rules';
import { counted } from '@/shared/format/number';
import { Picker } from '@/features/builder/picker';
import classes from '@/features/builder/picker.module.css';

const MOST_SHOWN = 100;

const CAPITALS = new Set(['hris', 'mdm', 'cspm', 'edr', 'crm', 'mfa']);

/** The category of a connection as people write it. */
export function categoryWords(category: string): string {
  const words = category.toLowerCase().replaceAll('_', ' ');
  if (CAPITALS.has(words)) return words.toUpperCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const nameOf = ({ connection, name }: ResourceChoice): string =>
  connection === name ? connection : `${connection} › ${name}`;

/** Chooses the records that are tested: by connection, resource or category. */
export function ResourcePicker({
  resources,
  value,
  label,
  onPick,
  part,
}: {
  resources: readonly ResourceChoice[];
  value: number | string | undefined;
  label: string;
  onPick: (resource: ResourceChoice) => void;
  part?: string;
}) {
  const chosen = resources.find(({ id, name }) => id === value || name === value);
  return (
    <Picker
      label={label}
      shown={chosen === undefined ? undefined : nameOf(chosen)}
      placeholder={value === undefined ? 'Choose a connection' : `resource ${value}`}
      search="Search connections and categories"
      part={part}
      onSubmit={(id) => {
        const picked = resources.find((each) => String(each.id) === id);
        if (picked !== undefined) onPick(picked);
      }}
    >
      {(typed) => {
        const found = search(resources, typed);
        const categories = [...new Set(found.map(categoryOf))].sort();
        return (
          <>
            {categories.map((category) => (
              <Combobox.Group key={category} label={categoryWords(category)}>
                {found
                  .filter((each) => categoryOf(each) === category)
                  .slice(0, MOST_SHOWN)
                  .map((each) => (
                    <Combobox.Option
                      key={each.id}
                      value={String(each.id)}
                      active={each === chosen}
                      className={classes.option ?? ''}
                    >
                      <span className={classes.entryHead}>
                        <bdi className={classes.entryName}>{nameOf(each)}</bdi>
                        <span className={classes.entryType}>{counted(each.records, 'record')}</span>
                      </span>
                    </Combobox.Option>
                  ))}
              </Combobox.Group>
            ))}
            {found.length === 0 && <Combobox.Empty>No connection is called that.</Combobox.Empty>}
          </>
        );
      }}
    </Picker>
  );
}

const categoryOf = ({ categories: [first] }: ResourceChoice): string => first ?? 'CUSTOM';

function search(resources: readonly ResourceChoice[], typed: string): readonly ResourceChoice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return resources.filter((each) => {
    const text = `${nameOf(each)} ${each.categories.map(categoryWords).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
