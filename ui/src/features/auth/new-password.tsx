import { PasswordInput } from '@mantine/core';

/** Where a new password is typed; the server judges it. */
export function NewPassword({
  label = 'Password',
  minimum,
  value,
  error,
  onChange,
}: {
  label?: string;
  minimum: number | undefined;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  return (
    <PasswordInput
      label={label}
      description={`${minimum ?? 12} characters or more. A few words that do not belong together are easy to remember.`}
      name="new-password"
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      error={error}
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
