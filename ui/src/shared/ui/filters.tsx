import { CloseButton, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from '@/shared/ui/filters.module.css';

const TYPING_PAUSE = 250;

/** The row above a list where it is narrowed. */
export function Filters({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="search" aria-label={label} className={classes.filters}>
      {children}
    </div>
  );
}

/** A text that narrows a list, told after a pause in typing. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  // What is typed is shown at once; the address follows.
  const [typed, setTyped] = useState({ from: value, text: value ?? '' });
  if (typed.from !== value) setTyped({ from: value, text: value ?? '' });
  const tell = useDebouncedCallback((text: string) => {
    onChange(text.trim() === '' ? undefined : text.trim());
  }, TYPING_PAUSE);
  return (
    <TextInput
      type="search"
      size="xs"
      aria-label={label}
      placeholder={label}
      className={classes.search ?? ''}
      data-page-filter
      leftSection={<IconSearch size={14} stroke={1.8} aria-hidden />}
      value={typed.text}
      onChange={(event) => {
        setTyped({ from: value, text: event.currentTarget.value });
        tell(event.currentTarget.value);
      }}
      rightSection={
        typed.text === '' ? null : (
          <CloseButton
            size="xs"
            aria-label={`Clear: ${label}`}
            onClick={() => {
              setTyped({ from: value, text: '' });
              onChange(undefined);
            }}
          />
        )
      }
    />
  );
}

/** One of some words that narrows a list; without a choice the list is whole. */
export function ChoiceField<Choice extends string>({
  label,
  value,
  choices,
  onChange,
  searchable = false,
}: {
  /** What is chosen, also shown while nothing is: "Result". */
  label: string;
  value: Choice | undefined;
  choices: readonly { value: Choice; label: string }[];
  onChange: (value: Choice | undefined) => void;
  searchable?: boolean;
}) {
  return (
    <Select
      size="xs"
      className={classes.choice ?? ''}
      aria-label={label}
      placeholder={label}
      data={[...choices]}
      value={value ?? null}
      clearable
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
      searchable={searchable}
      onChange={(chosen) => {
        onChange(choices.find((choice) => choice.value === chosen)?.value);
      }}
    />
  );
}
