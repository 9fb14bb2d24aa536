import type { RuleLanguage } from '@/shared/api/editing';

/** A part of a text, in UTF-16 units, and what takes its place. */
export type Change = { from: number; to: number; insert: string };

/** The smallest single change that makes one text of another. */
export function changeBetween(before: string, after: string): Change | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  // A pair of surrogates is not cut in two.
  if (from > 0 && isHigh(before.charCodeAt(from - 1))) from -= 1;
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end -= 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

const isSpace = (unit: string | undefined) => unit === ' ' || unit === '\n' || unit === '\t' || unit === '\r';

/** Where the place before the same character is in a text that is the same but for white space. */
export function samePlace(before: string, offset: number, after: string): number {
  let marks = 0;
  for (let at = 0; at < offset; at += 1) if (!isSpace(before[at])) marks += 1;
  let place = 0;
  while (place < after.length && (marks > 0 || isSpace(after[place]))) {
    if (!isSpace(after[place])) marks -= 1;
    place += 1;
  }
  return Math.min(place, after.length);
}

/** A word of the language, to be shown where the pointer rests. */
export type Help = { name: string; words: string; help: string };

/** What the words of an operator say: its decorators one by one, then the operator. */
export function helpFor(language: RuleLanguage | undefined, operator: string): Help[] {
  if (language === undefined) return [];
  const parts = operator.split(':');
  const found: Help[] = [];
  parts.forEach((part, at) => {
    const last = at === parts.length - 1;
    const entry = last
      ? language.operators.find(({ name }) => name === part)
      : language.decorators.find(({ name }) => name === part);
    if (entry !== undefined) found.push({ name: last ? part : `${part}:`, words: entry.words, help: entry.help });
  });
  return found;
}

/** How many errors, warnings and notes there are, in words. */
export function summary(severities: readonly string[]): string {
  const of = (severity: string, one: string, many: string): string[] => {
    const count = severities.filter((each) => each === severity).length;
    return count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`];
  };
  const parts = [
    ...of('error', 'error', 'errors'),
    ...of('warning', 'warning', 'warnings'),
    ...of('info', 'note', 'notes'),
  ];
  return parts.length === 0 ? 'No problems' : parts.join(', ');
}

/** A sentence of the server in parts: those in backquotes are names and code. It begins with a capital. */
export function sentenceParts(message: string): { text: string; code: boolean }[] {
  return message
    .split('`')
    .map((text, at) => ({ text: at === 0 ? text.charAt(0).toUpperCase() + text.slice(1) : text, code: at % 2 === 1 }))
    .filter(({ text }) => text !== '');
}
