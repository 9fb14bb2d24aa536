import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { useState } from 'react';
import { factWords, findOffered, type Offered, samplesOf, type Scope, typeWords } from '@/features/builder/scope';
import { SearchBox } from '@/features/builder/search-box';
import classes from '@/features/builder/picker.module.css';

const MOST_SHOWN = 150;
const NAMED = 'named';

/** Chooses an attribute out of those of a scope, by name, description or value. */
export function AttributePicker({
  scope,
  fact,
  path,
  label,
  onPick,
  onName,
  part,
  placeholder = 'Choose an attribute',
  error = false,
}: {
  scope: Scope | undefined;
  fact: string | undefined;
  path?: unknown;
  label: string;
  onPick: (offered: Offered) => void;
  /** Takes an attribute that is not among those that are known, by its name. */
  onName?: (fact: string) => void;
  /** What this is called when the focus returns to it. */
  part?: string;
  placeholder?: string;
  error?: boolean;
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
  const offered = scope?.attributes ?? [];
  const chosen = fact === undefined ? undefined : findOffered(offered, fact, path);
  const shown = fact === undefined ? undefined : (chosen?.label ?? factWords(fact, path));
  const found = search(offered, typed);
  const unknown =
    onName !== undefined && typed.trim() !== '' && !found.some(({ label: name }) => name === typed.trim());
  return (
    <Combobox
      store={combobox}
      keepMounted={false}
      withinPortal={false}
      width={380}
      position="bottom-start"
      onOptionSubmit={(key) => {
        const picked = offered.find((each) => each.key === key);
        if (picked !== undefined) onPick(picked);
        else if (key === NAMED) onName?.(typed.trim());
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
          aria-label={`${label}: ${shown ?? placeholder}`}
          data-part={part}
          data-first={part === 'attribute' || undefined}
          disabled={scope === undefined}
          error={error}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          onClick={() => {
            combobox.toggleDropdown();
          }}
        >
          {shown === undefined ? <span className={classes.placeholder}>{placeholder}</span> : <bdi>{shown}</bdi>}
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown className={classes.dropdown ?? ''}>
        <SearchBox
          label={`Search: ${label}`}
          placeholder="Search attributes"
          value={typed}
          onChange={(text) => {
            setTyped(text);
            combobox.selectFirstOption();
          }}
        />
        <Combobox.Options mah={300} tabIndex={0} className={classes.options ?? ''} aria-label={label}>
          {found.slice(0, MOST_SHOWN).map((each) => (
            <Combobox.Option key={each.key} value={each.key} active={each === chosen} className={classes.option ?? ''}>
              <AttributeOption offered={each} sample={scope?.sample ?? 0} flat={typed !== ''} />
            </Combobox.Option>
          ))}
          {unknown && (
            <Combobox.Option value={NAMED} className={classes.option ?? ''}>
              Use <bdi>“{typed.trim()}”</bdi>, which is not among the known ones
            </Combobox.Option>
          )}
          {found.length === 0 && !unknown && <Combobox.Empty>{emptyWords(scope, typed)}</Combobox.Empty>}
        </Combobox.Options>
        {found.length > MOST_SHOWN && (
          <Combobox.Footer className={classes.footer ?? ''}>
            {MOST_SHOWN} of {found.length} attributes. Type to find the others.
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

function emptyWords(scope: Scope | undefined, typed: string): string {
  if (scope?.loading === true) return 'Loading the attributes';
  return typed === '' ? 'Nothing is known of the attributes yet: push a record first.' : 'No attribute is called that.';
}

function search(offered: readonly Offered[], typed: string): readonly Offered[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return offered;
  return offered.filter((each) => {
    const text =
      `${each.label} ${each.attribute.title ?? ''} ${each.attribute.description ?? ''} ${samplesOf(each.attribute)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function AttributeOption({ offered, sample, flat }: { offered: Offered; sample: number; flat: boolean }) {
  const { attribute, label, depth } = offered;
  const samples = samplesOf(attribute);
  const name = attribute.name === '' ? label : attribute.name;
  const share =
    sample === 0 || attribute.present === sample ? undefined : Math.floor((attribute.present / sample) * 100);
  return (
    <span className={classes.entry} data-depth={flat ? undefined : Math.min(depth, 6)}>
      <span className={classes.entryHead}>
        <bdi className={classes.entryName}>{flat ? label : name}</bdi>
        <span className={classes.entryType}>{typeWords(attribute)}</span>
      </span>
      {(samples !== '' || share !== undefined) && (
        <span className={classes.entrySamples}>
          <bdi>{samples}</bdi>
          {share !== undefined && <span className={classes.share}>in {share} %</span>}
        </span>
      )}
    </span>
  );
}
