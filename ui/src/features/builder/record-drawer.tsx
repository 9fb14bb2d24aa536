import { Button, Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { recordQuery } from '@/shared/api/connections';
import { jsonText } from '@/shared/api/json';
import type { Example, ResourceChoice } from '@/shared/api/rules';
import { JsonView } from '@/shared/ui/json-view';
import { Loaded } from '@/shared/ui/states';
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
    <Drawer.Root opened={opened} onClose={close} position="right" size="lg" transitionProps={{ duration: 120 }}>
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.drawer}>
          <div className={classes.drawerHead}>
            <Drawer.Title>{example?.resourceName ?? recordId}</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </div>
          {example !== undefined && (
            <>
              {example.causeText.map((text, place) => (
                <p key={place} className={classes.sentence}>
                  {text}
                </p>
              ))}
            </>
          )}
          {opened && (
            <Loaded query={record} label="the record">
              {(data) => (
                <>
                  <div className={classes.buttons}>
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() => {
                        attempt(jsonText(data.attributes));
                      }}
                    >
                      Try changes of it
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="default"
                      renderRoot={(props) => (
                        <Link
                          {...props}
                          to="/connections/$connectionId/resources/$resourceId"
                          params={{ connectionId: at.connectionId, resourceId: at.resourceId }}
                          search={{ record: recordId }}
                          target="_blank"
                        />
                      )}
                    >
                      Open it among the records
                    </Button>
                  </div>
                  <JsonView value={data.attributes} label="record as JSON" />
                </>
              )}
            </Loaded>
          )}
        </div>
      </Drawer.Content>
    </Drawer.Root>
  );
}
