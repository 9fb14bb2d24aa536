import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { EventDrawer } from '@/features/events/event-drawer';
import { EventsPage } from '@/features/events/events-page';
import { ExportMenu } from '@/shared/ui/export-menu';
import { eventQuery, eventsQuery } from '@/shared/api/events';

export function EventsRoute() {
  const search = useSearch({ from: '/signed-in/events' });
  const navigate = useNavigate({ from: '/events' });
  const filter = {
    q: search.q,
    category: search.category,
    type: search.type,
    source: search.source,
    keyId: search.key,
    userId: search.user === undefined ? undefined : String(search.user),
    connectionId: search.connection === undefined ? undefined : String(search.connection),
    testId: search.test,
    controlId: search.control,
    frameworkId: search.framework,
    requirementId: search.requirement,
    exclusionId: search.exclusion,
    workspaceId: search.workspace,
    createdAtStartDate: search.from,
    createdAtEndDate: search.to,
  };
  const list = useInfiniteQuery(eventsQuery(filter));
  const opened = useQuery({ ...eventQuery(search.event ?? ''), enabled: search.event !== undefined });
  return (
    <>
      <EventsPage
        search={search}
        list={list}
        tools={<ExportMenu path="/public/v2/events" query={filter} name="events" />}
      />
      <EventDrawer
        opened={search.event === undefined ? undefined : opened}
        close={() => void navigate({ search: (before) => ({ ...before, event: undefined }), resetScroll: false })}
      />
    </>
  );
}
