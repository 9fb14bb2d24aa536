import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldOf } from '@/shared/api/field-of';
import { Failure } from '@/shared/ui/states';

/** Marks something out of scope with the reason that an auditor reads, or in scope again. */
export function ScopeDialog({
  title,
  into,
  effect,
  act,
  close,
}: {
  title: string;
  into: 'in' | 'out';
  /** What it means for readiness. */
  effect: string;
  act: (rationale: string) => Promise<unknown>;
  close: () => void;
}) {
  const [rationale, setRationale] = useState('');
  const mark = useMutation({ mutationFn: () => act(rationale.trim()), onSuccess: close });
  const about = fieldOf(mark.error, ['rationale']);
  return (
    <Modal opened onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mark.mutate();
        }}
      >
        <Stack gap={14}>
          <Text size="sm">{effect}</Text>
          {into === 'out' && (
            <TextInput
              label="Rationale"
              description="An auditor reads why it does not apply."
              required
              data-autofocus
              value={rationale}
              error={about === undefined ? null : mark.error?.message}
              onChange={(event) => {
                setRationale(event.currentTarget.value);
              }}
            />
          )}
          {mark.error !== null && <Failure error={mark.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={mark.isPending}>
              {into === 'out' ? 'Mark out of scope' : 'Mark in scope'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
