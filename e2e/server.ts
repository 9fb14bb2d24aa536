import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const binary = resolve(process.env.PLUMBLINE_BIN ?? join(import.meta.dirname, '../bin/plumbline'));
const READY_WITHIN = 60_000;

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Settings of a server, as its environment names them. */
export type Settings = Record<`PLUMBLINE_${string}`, string>;

/** A cookie as a browser context takes it. */
export type SessionCookie = {
  name: string;
  value: string;
  url: string;
  httpOnly: boolean;
  sameSite: 'Strict';
};

/** A resource that records can be pushed to. */
export type Target = { connectionId: number; resourceId: number };

/** Who signs in, unless a test makes others. */
export const ADMINISTRATOR = {
  email: 'ada@example.com',
  password: 'violet tractor 9 sings',
};

/** A Plumbline server of its own data directory, with a key that may do everything and an administrator. */
export class Server {
  readonly url: string;
  readonly key: string;
  #process: ChildProcess;
  readonly #data: string;
  readonly #settings: Settings;
  #cookie: Promise<SessionCookie> | undefined;

  private constructor(url: string, key: string, process: ChildProcess, data: string, settings: Settings) {
    this.#settings = settings;
    this.url = url;
    this.key = key;
    this.#process = process;
    this.#data = data;
  }

  /** Starts one; without `administrator` nobody has an account yet. */
  static async start({ administrator = true, settings = {} }: { administrator?: boolean; settings?: Settings } = {}): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'plumbline-e2e-'));
    // The program takes a free port itself: one that was free a moment ago may be somebody else's by now.
    const { child, url } = await serve('127.0.0.1:0', data, settings);
    const made = await run(
      binary,
      ['keys', 'create', '--data', data, '--name', 'e2e', '--scope', 'all', '--output', 'json'],
      { env: environment },
    );
    const { key } = JSON.parse(made.stdout) as { key: string };
    const server = new Server(url, key, child, data, settings);
    if (administrator)
      await server.users(
        ['create', '--email', ADMINISTRATOR.email, '--first-name', 'Ada', '--last-name', 'Lee', '--role', 'ADMIN'],
        ADMINISTRATOR.password,
      );
    return server;
  }

  /** Runs `plumbline users` on the data of the server and returns what it prints. */
  async users(args: string[], input = ''): Promise<string> {
    const running = run(binary, ['users', ...args, '--data', this.#data, '--public-url', this.url], {
      env: environment,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Signs somebody in through the API and returns the cookie for a browser. */
  async signIn(person: { email: string; password: string }): Promise<SessionCookie> {
    const response = await fetch(`${this.url}/public/v2/auth/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(person),
    });
    const [pair = ''] = (response.headers.get('Set-Cookie') ?? '').split(';');
    const at = pair.indexOf('=');
    if (!response.ok || at < 0) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
    return {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      url: this.url,
      httpOnly: true,
      sameSite: 'Strict',
    };
  }

  /** The cookie of the administrator, who signs in once. */
  cookie(): Promise<SessionCookie> {
    this.#cookie ??= this.signIn(ADMINISTRATOR);
    return this.#cookie;
  }

  async stop(): Promise<void> {
    await this.goDown();
    await rm(this.#data, { recursive: true, force: true });
  }

  /** Stops the program and keeps its data. */
  async goDown(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await ended;
    }
  }

  /** Starts the program again, on its data and at its address. */
  async comeBack(): Promise<void> {
    this.#process = (await serve(new URL(this.url).host, this.#data, this.#settings)).child;
  }

  /** Calls the API and returns the body of a successful reply. */
  async call<Body>(method: string, path: string, body?: Json): Promise<Body> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }

  /** Reads what is no JSON. */
  async text(path: string): Promise<string> {
    const response = await fetch(this.url + path, { headers: { Authorization: `Bearer ${this.key}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return text;
  }

  /** Makes a connection from sample records; they only give it its schema. */
  async connect(name: string, displayNameKey: string, samples: Json): Promise<Target> {
    const { id } = await this.call<{ id: number }>('POST', '/public/v2/custom-connections', {
      name,
      description: `Made by the browser tests as ${name}`,
      providerTypes: ['CUSTOM'],
      workspaceIds: [1],
      displayNameKey,
      sampleData: samples,
    });
    const made = await this.call<{ customResources: { id: number }[] }>(
      'GET',
      `/public/v2/custom-connections/${id}?expand[]=customResources`,
    );
    const resource = made.customResources[0];
    if (resource === undefined) throw new Error(`connection ${id} has no resource`);
    return { connectionId: id, resourceId: resource.id };
  }

  /** Pushes records and waits for the verdicts over them. */
  async push({ connectionId, resourceId }: Target, records: Json[]): Promise<void> {
    const path = `/public/v2/custom-connections/${connectionId}/resources/${resourceId}/records?wait=verdict`;
    const items = await this.call<{ statusCode: number }[]>('POST', path, {
      data: records,
    });
    const refused = items.filter((item) => item.statusCode >= 400);
    if (refused.length > 0) throw new Error(`records refused: ${JSON.stringify(refused)}`);
  }

  /** Publishes a test that a record passes when its fact equals the value; returns the testId. */
  async publish(name: string, { resourceId }: Target, fact: string, value: Json): Promise<number> {
    const { testId } = await this.call<{ testId: number }>('POST', '/public/v2/workspaces/1/monitoring-tests', {
      name,
      description: `${fact} has to be ${JSON.stringify(value)}.`,
      publish: true,
      logic: {
        logic: 'ALL_GROUPS',
        groups: [
          {
            name: 'all',
            resourceId,
            evaluator: { all: [{ fact, operator: 'equal', value }] },
          },
        ],
      },
    });
    return testId;
  }
}

// The pages of all tests come from one address. What stands in for other systems is on this machine.
const environment = {
  ...process.env,
  PLUMBLINE_RATE_LIMIT: '0',
  PLUMBLINE_AI_NETWORKS: '127.0.0.0/8',
  PLUMBLINE_NOTIFY_NETWORKS: '127.0.0.0/8',
};

/** Starts the program at an address and waits until it is ready; `url` is where it then is. */
async function serve(address: string, data: string, settings: Settings): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(binary, ['serve', '--addr', address, '--data', data], {
    env: { ...environment, ...settings },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const deadline = Date.now() + READY_WITHIN;
  for (;;) {
    const url = /listens on (http:\/\/[\d.:]+)/.exec(output)?.[1];
    if (url !== undefined && (await answers(`${url}/readyz`))) return { child, url };
    if (failure !== undefined || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${binary} serve is not ready: ${failure?.message ?? output}`);
    }
    await wait(20);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
}
