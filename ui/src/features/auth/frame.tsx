import { Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from '@/features/auth/auth.module.css';

/** The frame of the pages that nobody is signed in on. */
export function Frame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Plumbline`);
  return (
    <div className={classes.page}>
      <Title order={1} size="h3">
        {title}
      </Title>
      {lead === undefined ? <Text mb={20} /> : <Text className={classes.lead ?? ''}>{lead}</Text>}
      {children}
    </div>
  );
}
