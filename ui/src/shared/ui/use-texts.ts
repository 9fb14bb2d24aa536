import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { errorAt } from '@/shared/ui/form-errors';

type Typed = { currentTarget: { value: string } };

/** The texts of a form while they are typed; what the server says of one stands beside it. */
export function useTexts<Name extends string>(
  initial: Record<Name, string>,
  save: (texts: Record<Name, string>) => Promise<unknown>,
  done?: () => void,
) {
  const [texts, setTexts] = useState(initial);
  const doing = useMutation({
    mutationFn: () => save(texts),
    onSuccess: () => {
      done?.();
    },
  });
  const fields = Object.keys(initial) as Name[];
  const set = (name: Name, value: string) => {
    setTexts((before) => ({ ...before, [name]: value }));
  };
  const input = (name: Name) => ({
    value: texts[name],
    error: errorAt(doing.error, fields, name),
    onChange: ({ currentTarget: { value } }: Typed) => {
      set(name, value);
    },
  });
  return { texts, set, input, doing, fields };
}
