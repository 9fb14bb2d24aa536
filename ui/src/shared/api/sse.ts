/** One message of a stream of server-sent events. */
export type StreamMessage = { id: string | null; event: string; data: string };

/**
 * Reads server-sent events from text that comes in pieces of any size. Only what our server sends
 * is understood: a message has at most one line of data.
 */
export class EventParser {
  #rest = '';
  #message: StreamMessage = { id: null, event: '', data: '' };

  read(piece: string): StreamMessage[] {
    const lines = (this.#rest + piece).split(/\r\n|\n/);
    this.#rest = lines.pop() ?? '';
    const out: StreamMessage[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#message.event !== '') out.push(this.#message);
        this.#message = { id: null, event: '', data: '' };
        continue;
      }
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1).replace(/^ /, '');
      const name = line.slice(0, colon);
      if (name === 'id') this.#message.id = value;
      else if (name === 'event') this.#message.event = value;
      else if (name === 'data') this.#message.data = value;
    }
    return out;
  }
}
