/** What a file is, by its name, else by how it begins. */
export function formatOf(name: string, text: string): 'csv' | 'oscal' {
  const lower = name.toLowerCase();
  if (lower.endsWith('.csv')) return 'csv';
  if (lower.endsWith('.json')) return 'oscal';
  return text.trimStart().startsWith('{') ? 'oscal' : 'csv';
}
