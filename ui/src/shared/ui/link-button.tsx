import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Props = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | 'style'>;

/** A link that looks like a button. */
export const LinkButton = createLink(function LinkButton({ ref, ...props }: Props & { ref?: Ref<HTMLAnchorElement> }) {
  return <Button component="a" {...(ref === undefined ? {} : { ref })} {...props} />;
});
