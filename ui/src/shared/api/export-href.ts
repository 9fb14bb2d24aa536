export type ExportFormat = 'csv' | 'ndjson' | 'json';

type Value = string | number | boolean | null | undefined;

/** The parameters that place a page in its list: a file holds the whole list. */
const ofAPage = new Set(['cursor', 'size', 'includeTotalCount', 'format']);

/** The address at which the server writes a list as a file, with the filter and the order of a query. */
export function exportHref(
  path: string,
  query: Readonly<Record<string, Value | readonly Value[]>>,
  format: ExportFormat,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (ofAPage.has(name)) continue;
    for (const each of Array.isArray(value) ? (value as readonly Value[]) : [value as Value]) {
      if (each !== undefined && each !== null && each !== '') parameters.append(name, String(each));
    }
  }
  parameters.set('format', format);
  return `${path}?${parameters.toString()}`;
}
