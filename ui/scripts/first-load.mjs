// Adds up the script that the start page needs before it can show anything,
// compressed, and fails when it is over the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 350;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const needed = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (needed.has(chunk.file)) return;
  needed.add(chunk.file);
  for (const name of chunk.imports ?? []) visit(name);
};
visit('index.html');

const kilobytes = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024;
const script = [...needed].filter((file) => file.endsWith('.js')).concat('color-scheme.js');
const total = script.reduce((sum, file) => sum + kilobytes(file), 0);
console.log(
  `start page: ${total.toFixed(1)} KB of compressed script in ${script.length} files (budget ${BUDGET_KB} KB)`,
);
if (total > BUDGET_KB) {
  console.error(`The start page is over its budget by ${(total - BUDGET_KB).toFixed(1)} KB.`);
  process.exit(1);
}
