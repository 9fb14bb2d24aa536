import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Owner } from '@/shared/api/controls';
import { personName } from '@/features/controls/person';
import { Panel } from '@/shared/ui/page';
import classes from '@/features/controls/control-page.module.css';

/** The people who answer for a control. */
export function OwnersPanel({
  owners,
  picker,
  remove,
}: {
  owners: readonly Owner[];
  /** Adds a person. */
  picker: ReactNode;
  remove: ((owner: Owner) => void) | undefined;
}) {
  return (
    <Panel title="Owners">
      {picker !== undefined && <div className={classes.add}>{picker}</div>}
      {owners.length === 0 && <p className={classes.nothing}>Nobody owns it yet.</p>}
      <ul className={classes.people}>
        {owners.map((owner) => (
          <li key={owner.id}>
            <span>
              {personName(owner)}
              {personName(owner) !== owner.email && <span className={classes.dim}>{owner.email}</span>}
            </span>
            {remove !== undefined && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={`Remove ${personName(owner)} from the owners`}
                onClick={() => {
                  remove(owner);
                }}
              >
                <IconX size={15} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
