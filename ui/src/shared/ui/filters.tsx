import { CloseButton, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
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

type Typed = { text: string; told: string | undefined; seen: string | undefined; page?: string };

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
  const router = useRouter();
  // What is typed is shown at once; `told` follows it, and the value that was last `seen` follows what was told. `page` is
  // where something was typed that is not told yet.
  const [typed, setTyped] = useState<Typed>({ text: value ?? '', told: value, seen: value });
  if (typed.seen !== value) {
    setTyped(typed.told === value ? { ...typed, seen: value } : { text: value ?? '', told: value, seen: value });
  }
  const { text, page } = typed;
  const tell = useEffectEvent(() => {
    const told = text.trim() === '' ? undefined : text.trim();
    setTyped({ text, told, seen: typed.seen });
    // Who is on the way to another page is not pulled back.
    if (told !== value && router.latestLocation.pathname === page) onChange(told);
  });
  useEffect(() => {
    if (page === undefined) return;
    const timer = setTimeout(tell, TYPING_PAUSE);
    return () => {
      clearTimeout(timer);
    };
  }, [text, page]);
  return (
    <TextInput
      type="search"
      size="xs"
      aria-label={label}
      placeholder={label}
      className={classes.search ?? ''}
      data-page-filter
      leftSection={<IconSearch size={14} stroke={1.8} aria-hidden />}
      value={text}
      onChange={(event) => {
        setTyped({ ...typed, text: event.currentTarget.value, page: router.latestLocation.pathname });
      }}
      rightSection={
        text === '' ? null : (
          <CloseButton
            size="xs"
            aria-label={`Clear: ${label}`}
            onClick={() => {
              setTyped({ text: '', told: undefined, seen: typed.seen });
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
