import { Link, type LinkProps } from '@tanstack/react-router';
import classes from '@/shared/ui/sections.module.css';

export type Section = { to: NonNullable<LinkProps['to']>; word: string };

/** The sections of one page, each with an address of its own. */
export function Sections({ label, sections }: { label: string; sections: readonly Section[] }) {
  return (
    <nav className={classes.sections} aria-label={label}>
      {sections.map(({ to, word }) => (
        <Link key={to} to={to} className={classes.section} activeOptions={{ exact: true, includeSearch: false }}>
          {word}
        </Link>
      ))}
    </nav>
  );
}

/** The two sides of connections: those there are, and those that could be. */
export const CONNECTION_SECTIONS: readonly Section[] = [
  { to: '/connections', word: 'Active' },
  { to: '/connections/available', word: 'Available' },
];
