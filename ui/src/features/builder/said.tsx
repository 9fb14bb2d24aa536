/** A sentence of the server, in which names of attributes and resources stand in backquotes. */
export function Said({ text }: { text: string }) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
