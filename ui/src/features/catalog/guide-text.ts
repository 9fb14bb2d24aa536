/** A part of a line: text, or text in code, strong or stressed. */
export type Span = { text: string; as?: 'code' | 'strong' | 'em' };

/** A paragraph, or the steps of a list. */
export type Block = { steps: Span[][] } | { line: Span[] };

const MARK = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*/g;

function spans(line: string): Span[] {
  const out: Span[] = [];
  let at = 0;
  for (const match of line.matchAll(MARK)) {
    if (match.index > at) out.push({ text: line.slice(at, match.index) });
    const [whole, code, strong, em] = match;
    if (code !== undefined) out.push({ text: code, as: 'code' });
    else if (strong !== undefined) out.push({ text: strong, as: 'strong' });
    else out.push({ text: em ?? whole, as: 'em' });
    at = match.index + whole.length;
  }
  if (at < line.length) out.push({ text: line.slice(at) });
  return out;
}

/** The blocks of a guide: numbered steps, and paragraphs between empty lines. */
export function guideBlocks(text: string): Block[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (!/^\d+\. /.test(part)) return { line: spans(part.replace(/\s*\n\s*/g, ' ')) };
      return {
        steps: part.split(/\n(?=\d+\. )/).map((step) => spans(step.replace(/^\d+\. /, '').replace(/\s*\n\s*/g, ' '))),
      };
    });
}
