import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was posted to a webhook. */
export type Posted = { headers: IncomingHttpHeaders; body: string };

/** A program that takes webhooks at a loopback address, and answers as a test tells it to. */
export class Receiver {
  readonly posted: Posted[] = [];
  status = 204;
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      this.posted.push({ headers: request.headers, body });
      response.writeHead(this.status).end();
    });
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Whether a message was signed with a key, as docs/notifications.md has receivers check it. */
export function genuine({ headers, body }: Posted, key: string): boolean {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers['plumbline-signature'])) ?? [];
  return v1 !== undefined && createHmac('sha256', key).update(`${t}.${body}`).digest('hex') === v1;
}
