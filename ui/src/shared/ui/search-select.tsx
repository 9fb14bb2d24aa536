import { Select } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';

const TYPING_PAUSE = 200;

export type SearchOption = { value: string; label: string };

/** One of very many, which the server looks for while one types. */
export function SearchSelect({
  label,
  hideLabel = false,
  description,
  options,
  chosen,
  onSearch,
  onChange,
  error,
  placeholder,
  required = false,
  className,
  size = 'sm',
}: {
  label: string;
  hideLabel?: boolean;
  description?: string;
  /** What the server found for the text. */
  options: readonly SearchOption[];
  /** What is chosen, which the server may not have found. */
  chosen: SearchOption | undefined;
  onSearch: (text: string) => void;
  onChange: (value: string | undefined) => void;
  error?: string | null;
  placeholder?: string;
  required?: boolean;
  className?: string;
  size?: 'xs' | 'sm';
}) {
  const search = useDebouncedCallback(onSearch, TYPING_PAUSE);
  const known = options.some(({ value }) => value === chosen?.value);
  return (
    <Select
      size={size}
      {...(hideLabel ? { 'aria-label': label, placeholder: placeholder ?? label } : { label })}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(description === undefined ? {} : { description })}
      {...(className === undefined ? {} : { className })}
      error={error ?? null}
      required={required}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
      nothingFoundMessage="Nothing found"
      filter={({ options: all }) => all}
      data={chosen === undefined || known ? [...options] : [chosen, ...options]}
      value={chosen?.value ?? null}
      onSearchChange={(text) => {
        // The label of what is chosen is no search.
        search(text === chosen?.label ? '' : text);
      }}
      onChange={(value) => {
        onChange(value ?? undefined);
      }}
    />
  );
}
