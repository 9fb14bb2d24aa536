import { Button, Group, Stack, TextInput } from '@mantine/core';
import { Frame } from '@/features/auth/frame';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { NewPassword } from '@/features/auth/new-password';
import { useTexts } from '@/shared/ui/use-texts';

export type Account = { email: string; firstName: string; lastName: string; password: string };

/** The page behind a one-time link, on which somebody says who they are and chooses a password. */
export function AccountForm({
  title,
  lead,
  action,
  known,
  minimum,
  submit,
}: {
  title: string;
  lead: string;
  action: string;
  /** What the link tells; with an address the account is there already. */
  known: { email: string | null; firstName: string | null; lastName: string | null };
  minimum: number | undefined;
  submit: (account: Account) => Promise<unknown>;
}) {
  const { texts, set, input, doing, fields } = useTexts(
    {
      email: known.email ?? '',
      firstName: known.firstName ?? '',
      lastName: known.lastName ?? '',
      password: '',
    },
    submit,
  );
  return (
    <Frame title={title} lead={lead}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap={14}>
          <Notice error={doing.error} fields={fields} />
          <TextInput
            label="E-mail address"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            readOnly={known.email !== null}
            autoFocus={known.email === null}
            {...input('email')}
          />
          <Group grow gap={10} align="flex-start">
            <TextInput label="First name" name="given-name" autoComplete="given-name" {...input('firstName')} />
            <TextInput label="Last name" name="family-name" autoComplete="family-name" {...input('lastName')} />
          </Group>
          <NewPassword
            minimum={minimum}
            value={texts.password}
            error={errorAt(doing.error, fields, 'password')}
            onChange={(password) => {
              set('password', password);
            }}
          />
          <Button type="submit" loading={doing.isPending}>
            {action}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
