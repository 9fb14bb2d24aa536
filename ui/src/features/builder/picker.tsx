import { Combobox, type ComboboxStore, InputBase, useCombobox } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import classes from '@/features/builder/picker.module.css';

/** A button that opens a list to choose from, with a search above it. */
export function Picker({
  label,
  shown,
  placeholder,
  search,
  onSubmit,
  children,
  footer,
  part,
  first = false,
  disabled = false,
  error = false,
}: {
  label: string;
  /** What is chosen, in words. */
  shown: string | undefined;
  placeholder: string;
  /** What stands in the empty search. */
  search: string;
  onSubmit: (value: string, typed: string) => void;
  /** The options for what is typed. */
  children: (typed: string) => ReactNode;
  footer?: (typed: string) => ReactNode;
  /** What this is called when the focus returns to it. */
  part?: string | undefined;
  first?: boolean;
  disabled?: boolean;
  error?: boolean;
}) {
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped('');
    },
  });
  return (
    <Combobox
      store={combobox}
      keepMounted={false}
      withinPortal={false}
      width={380}
      position="bottom-start"
      onOptionSubmit={(value) => {
        onSubmit(value, typed.trim());
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
          data-first={first || undefined}
          disabled={disabled}
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
        <Search store={combobox} label={`Search: ${label}`} placeholder={search} value={typed} onChange={setTyped} />
        <Combobox.Options mah={300} tabIndex={0} className={classes.options ?? ''} aria-label={label}>
          {children(typed)}
        </Combobox.Options>
        {footer?.(typed)}
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** The search of a list that has just been opened; it has the focus as soon as the list stands in its place. */
function Search({
  store,
  label,
  placeholder,
  value,
  onChange,
}: {
  store: ComboboxStore;
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const { selectActiveOption, selectFirstOption } = store;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      input.current?.focus({ preventScroll: true });
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, []);
  // After the options stand there, not in the change: it would mark one of those that are about to go.
  useEffect(() => {
    if (value === '') selectActiveOption();
    else selectFirstOption();
  }, [value, selectActiveOption, selectFirstOption]);
  return (
    <Combobox.Search
      ref={input}
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        // Options may have come since the last key was pressed.
        if (event.key === 'Enter' && store.getSelectedOptionIndex() < 0) selectFirstOption();
      }}
    />
  );
}
