import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection } from '@/shared/api/types';
import { Page, Panel } from '@/shared/ui/page';
import { Sections } from '@/shared/ui/sections';
import { PEOPLE_SECTIONS } from '@/features/personnel/sections';
import classes from '@/features/personnel/personnel.module.css';

/** How identities become people: from where, when, and what came of it. */
export function SyncsPage({
  strip,
  sources,
  children,
}: {
  strip: ReactNode;
  /** The HR systems that are connected. */
  sources: readonly Connection[];
  children: ReactNode;
}) {
  return (
    <Page
      title="Identity sync"
      below="It makes personnel of the identities that HR systems send. What was decided by hand stays."
    >
      <Sections label="Personnel" sections={PEOPLE_SECTIONS} />
      {strip}
      <Panel title="Where identities come from">
        <p className={classes.said}>
          {sources.length === 0
            ? 'No HR system is connected.'
            : sources.map(({ id, clientAlias }, at) => (
                <span key={id}>
                  {at > 0 && ', '}
                  <Link to="/connections/$connectionId" params={{ connectionId: id }} search={{ tab: 'people' }}>
                    {clientAlias ?? `Connection ${id}`}
                  </Link>
                </span>
              ))}
          <br />
          An identity without an address makes nobody. Of two identities with one address, the first one counts.
        </p>
      </Panel>
      {children}
    </Page>
  );
}
