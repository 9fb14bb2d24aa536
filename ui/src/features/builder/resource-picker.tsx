import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { useState } from 'react';
import type { ResourceChoice } from '@/shared/api/rules';
import { counted } from '@/shared/format/number';
import { SearchBox } from '@/features/builder/search-box';
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
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped('');
    },
    onDropdownOpen: () => {
      combobox.updateSelectedOptionIndex('active');
    },
  });
  const chosen = resources.find(({ id, name }) => id === value || name === value);
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = resources.filter((each) => {
    const text = `${nameOf(each)} ${each.categories.map(categoryWords).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const categories = [...new Set(found.map(({ categories: [first] }) => first ?? 'CUSTOM'))].sort();
  const missing = value === undefined ? 'Choose a connection' : `resource ${value}`;
  return (
    <Combobox
      store={combobox}
      keepMounted={false}
      withinPortal={false}
      width={380}
      position="bottom-start"
      onOptionSubmit={(id) => {
        const picked = resources.find((each) => String(each.id) === id);
        if (picked !== undefined) onPick(picked);
        combobox.closeDropdown();
        combobox.focusTarget();
      }}
    >
      <Combobox.Target targetType="button">
        <InputBase
          component="button"
          type="button"
          pointer
          size="xs"
          className={classes.target ?? ''}
          classNames={{ input: classes.attribute ?? '' }}
          aria-label={`${label}: ${chosen === undefined ? missing : nameOf(chosen)}`}
          data-part={part}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          onClick={() => {
            combobox.toggleDropdown();
          }}
        >
          {chosen === undefined ? <span className={classes.placeholder}>{missing}</span> : <bdi>{nameOf(chosen)}</bdi>}
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown className={classes.dropdown ?? ''}>
        <SearchBox
          label={`Search: ${label}`}
          placeholder="Search connections and categories"
          value={typed}
          onChange={(text) => {
            setTyped(text);
            combobox.selectFirstOption();
          }}
        />
        <Combobox.Options mah={300} tabIndex={0} className={classes.options ?? ''} aria-label={label}>
          {categories.map((category) => (
            <Combobox.Group key={category} label={categoryWords(category)}>
              {found
                .filter(({ categories: [first] }) => (first ?? 'CUSTOM') === category)
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
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
