import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { recordQuery } from '@/shared/api/connections';
import { jsonText } from '@/shared/api/json';
import type { Example, ResourceChoice } from '@/shared/api/rules';
import { JsonView } from '@/shared/ui/json-view';
import { SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import { Said } from '@/features/builder/said';
import classes from '@/features/builder/preview-panel.module.css';

/** A record of the preview as it is stored now, with what the logic has against it. */
export function RecordDrawer({
  resource,
  recordId,
  example,
  close,
  attempt,
}: {
  resource: ResourceChoice | undefined;
  recordId: string | undefined;
  example: Example | undefined;
  close: () => void;
  /** Takes the record over to be tried and changed. */
  attempt: (record: string) => void;
}) {
  const at = { connectionId: resource?.connectionId ?? 0, resourceId: resource?.id ?? 0 };
  const opened = resource !== undefined && recordId !== undefined;
  const record = useQuery({ ...recordQuery(at, recordId ?? ''), enabled: opened });
  return (
    <SideDrawer
      opened={opened}
      close={close}
      title={example?.resourceName ?? recordId}
      actions={
        record.data !== undefined && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                attempt(jsonText(record.data.attributes));
              }}
            >
              Try changes of it
            </Button>
            <Link
              to="/connections/$connectionId/resources/$resourceId"
              params={{ connectionId: at.connectionId, resourceId: at.resourceId }}
              search={{ record: recordId }}
            >
              Open it among the records
            </Link>
          </>
        )
      }
    >
      {example?.causeText.map((text, place) => (
        <p key={place} className={classes.sentence}>
          <Said text={text} />
        </p>
      ))}
      {opened && (
        <Loaded query={record} label="the record">
          {(data) => <JsonView value={data.attributes} label="record as JSON" />}
        </Loaded>
      )}
    </SideDrawer>
  );
}
