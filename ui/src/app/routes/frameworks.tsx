import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { FrameworkDialog } from '@/features/frameworks/framework-dialog';
import { FrameworksPage } from '@/features/frameworks/frameworks-page';
import { ImportDialog } from '@/features/frameworks/import-dialog';
import {
  type AvailableFramework,
  availableFrameworksQuery,
  createFramework,
  frameworksQuery,
  installFramework,
} from '@/shared/api/frameworks';
import { counted } from '@/shared/format/number';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

export function FrameworksRoute() {
  return <InWorkspace>{(workspaceId) => <Frameworks workspaceId={workspaceId} />}</InWorkspace>;
}

function Frameworks({ workspaceId }: { workspaceId: number }) {
  const navigate = useNavigate({ from: '/frameworks' });
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<'create' | 'import'>();
  const installed = useQuery(frameworksQuery(workspaceId));
  const available = useQuery(availableFrameworksQuery(workspaceId));
  const install = useMutation({
    mutationFn: ({ slug }: AvailableFramework) => installFramework(workspaceId, slug),
    onSuccess: ({ framework, requirementsCreated, controlsCreated }) => {
      void queries.invalidateQueries();
      notifyDone(
        `${framework.name} is installed, with ${counted(requirementsCreated, 'new requirement')} and ${counted(controlsCreated, 'new control')}.`,
      );
    },
    onError: notifyFailed,
  });
  const open = (frameworkId: number) =>
    navigate({ to: '/frameworks/$frameworkId', params: { frameworkId }, search: {} });
  const close = () => {
    setDialog(undefined);
  };
  return (
    <>
      <FrameworksPage
        installed={installed}
        available={available}
        installing={install.isPending ? install.variables.slug : undefined}
        install={install.mutate}
        create={() => {
          setDialog('create');
        }}
        upload={() => {
          setDialog('import');
        }}
      />
      {dialog === 'create' && (
        <FrameworkDialog
          close={close}
          save={async (text) => {
            const made = await createFramework(workspaceId, text);
            void queries.invalidateQueries();
            await open(made.id);
          }}
        />
      )}
      {dialog === 'import' && (
        <ImportDialog
          workspaceId={workspaceId}
          close={close}
          done={(framework) => {
            void queries.invalidateQueries();
            notifyDone(`${framework.name} is imported.`);
            void open(framework.id);
          }}
        />
      )}
    </>
  );
}
