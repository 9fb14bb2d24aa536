import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ImportPage } from '@/features/imports/import-page';
import { SHOWN } from '@/features/imports/kinds';
import { Done, type ImportSearch, Preview, Way } from '@/features/imports/preview';
import { exportHref } from '@/shared/api/export-href';
import { saveFile } from '@/shared/api/files';
import { type Chosen, errorsOf, importFile, type ImportKind, previewRows, templateHref } from '@/shared/api/imports';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { csvOf } from '@/shared/format/csv';
import { notifyFailed } from '@/shared/ui/notify';
import { Failure } from '@/shared/ui/states';

const SIZE = 1000;

export function PersonnelImportRoute() {
  return <Import kind="personnel" search={useSearch({ from: '/signed-in/personnel/import' })} />;
}

export function AssetsImportRoute() {
  return <Import kind="assets" search={useSearch({ from: '/signed-in/assets/import' })} />;
}

let files = 0;

function Import({ kind, search }: { kind: ImportKind; search: ImportSearch }) {
  const [file, setFile] = useState<Chosen>();
  return (
    <ImportPage
      kind={kind}
      file={file}
      choose={(content, name) => {
        setFile({ id: ++files, name, content });
      }}
      links={{
        template: templateHref(kind),
        present: exportHref(
          `/public/v2/${kind}`,
          {
            'expand[]': kind === 'personnel' ? ['user', 'customFields'] : ['assetClassTypes', 'owner', 'customFields'],
          },
          'csv',
        ),
      }}
    >
      {file !== undefined && <Judged key={file.id} kind={kind} search={search} file={file} />}
    </ImportPage>
  );
}

function Judged({ kind, search, file }: { kind: ImportKind; search: ImportSearch; file: Chosen }) {
  const queries = useQueryClient();
  const [over, setOver] = useState(0);
  const skip = search.skip === 'yes';
  const outcome = SHOWN.find(({ value }) => value === search.show)?.outcome;
  const told = previewRows(kind, file, { skip, outcome }, setOver);
  const rows = useKeysetRows({ ...told, size: SIZE, fixed: true });
  // The first of its parts, which tells the whole.
  const whole = useQuery({
    queryKey: [...told.queryKey, { cursor: undefined, size: SIZE }],
    queryFn: ({ signal }) => told.read({ size: SIZE }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const applying = useMutation({
    mutationFn: () => {
      setOver(0);
      return importFile(kind, file, skip, setOver);
    },
    onSuccess: () => {
      for (const key of ['personnel', 'assets', 'users', 'devices'])
        void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  const saving = useMutation({
    mutationFn: async () => {
      const errors = await errorsOf(kind, file);
      saveFile({
        name: 'errors.csv',
        file: csvOf([
          ['line', 'column', 'message'],
          ...errors.flatMap(({ line, also, ...first }) =>
            [first, ...also].map(({ column, message }) => [String(line ?? ''), column ?? '', message]),
          ),
        ]),
      });
    },
    onError: notifyFailed,
  });
  const save = {
    begin: () => {
      saving.mutate();
    },
    pending: saving.isPending,
  };
  if (applying.data !== undefined) return <Done kind={kind} whole={applying.data} saving={save} />;
  if (whole.error !== null) return <Failure error={whole.error} retry={() => void whole.refetch()} />;
  if (whole.data === undefined) return <Way label="Sending the file" then="The server reads it" over={over} />;
  return (
    <Preview
      kind={kind}
      search={search}
      whole={whole.data.whole}
      settled={!whole.isPlaceholderData}
      rows={rows}
      apply={{
        begin: () => {
          applying.mutate();
        },
        error: applying.error,
        over: applying.isPending ? over : undefined,
      }}
      saving={save}
    />
  );
}
