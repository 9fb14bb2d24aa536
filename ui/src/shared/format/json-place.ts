/** The range of the text of a JSON value that a JSON Pointer leads to; of the nearest one around it if there is none. */
export function rangeOf(text: string, pointer: string): { from: number; to: number } {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let range = { from: 0, to: text.length };
  let at = space(text, 0);
  for (const step of steps) {
    const found = child(text, at, step);
    if (found === undefined) return range;
    at = found;
    range = { from: at, to: end(text, at) };
  }
  return range;
}

function space(text: string, at: number): number {
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at;
}

// Where the value of a member or an element begins.
function child(text: string, at: number, step: string): number | undefined {
  const open = text.charAt(at);
  if (open !== '{' && open !== '[') return undefined;
  at = space(text, at + 1);
  for (let index = 0; at < text.length && text.charAt(at) !== '}' && text.charAt(at) !== ']'; index++) {
    let name = String(index);
    if (open === '{') {
      const close = end(text, at);
      name = unquoted(text.slice(at, close));
      at = space(text, close);
      at = space(text, at + 1);
    }
    if (name === step) return at;
    const after = end(text, at);
    if (after <= at) return undefined;
    at = space(text, after);
    if (text.charAt(at) === ',') at = space(text, at + 1);
  }
  return undefined;
}

function unquoted(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

// Where the value that begins here is over.
function end(text: string, at: number): number {
  const first = text.charAt(at);
  if (first === '"') {
    for (at++; at < text.length && text.charAt(at) !== '"'; at++) if (text.charAt(at) === '\\') at++;
    return Math.min(at + 1, text.length);
  }
  if (first !== '{' && first !== '[') {
    while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at++;
    return at;
  }
  for (let depth = 0; at < text.length;) {
    const mark = text.charAt(at);
    if (mark === '"') {
      at = end(text, at);
      continue;
    }
    if (mark === '{' || mark === '[') depth++;
    if ((mark === '}' || mark === ']') && --depth === 0) return at + 1;
    at++;
  }
  return at;
}
