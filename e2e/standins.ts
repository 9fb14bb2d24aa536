import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './server';

type Answer = { status?: number; headers?: Record<string, string>; body: Json };

/**
 * A stand-in of a system's API at a loopback address: it asks for the credential, answers in the shapes of the real one
 * page by page, and can be broken as real ones break.
 */
abstract class StandIn {
  /** How it answers beside the API: refused credentials, or a page for people in place of JSON. */
  broken: 'revoked' | 'html' | undefined;
  asked: string[] = [];
  readonly #http: HttpServer;

  constructor() {
    this.#http = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((ready) => this.#http.listen(0, '127.0.0.1', ready));
    return this;
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((ended) => this.#http.close(ended));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const at = new URL(request.url ?? '/', this.url);
    this.asked.push(at.pathname + at.search);
    if (this.broken === 'html') {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end('<!doctype html><title>Sign in</title><h1>Please sign in</h1>');
      return;
    }
    const { status = 200, headers = {}, body } =
      this.broken === 'revoked' || !this.admits(request) ? this.refusal() : (this.find(at) ?? this.absent());
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }

  protected abstract admits(request: IncomingMessage): boolean;
  /** What the real one answers to a credential that it does not take. */
  protected abstract refusal(): Answer;
  protected abstract find(at: URL): Answer | undefined;

  protected absent(): Answer {
    return { status: 404, body: { message: 'Not Found' } };
  }
}

/** Okta: users by Link header, the factors of each by a request of its own. */
export class Okta extends StandIn {
  token = '00first';
  /** Who has which factors. */
  readonly people = [
    { id: '00u1', first: 'Ada', last: 'Stone', status: 'ACTIVE', factors: ['push', 'webauthn'] },
    { id: '00u2', first: 'Ben', last: 'Field', status: 'ACTIVE', factors: [] as string[] },
    { id: '00u3', first: 'Cleo', last: 'Marsh', status: 'SUSPENDED', factors: [] as string[] },
  ];

  protected admits({ headers }: IncomingMessage): boolean {
    return headers.authorization === `SSWS ${this.token}`;
  }

  protected refusal(): Answer {
    return {
      status: 401,
      body: { errorCode: 'E0000011', errorSummary: 'Invalid token provided', errorLink: 'E0000011', errorCauses: [] },
    };
  }

  protected find({ pathname, searchParams }: URL): Answer | undefined {
    const of = /^\/api\/v1\/users\/(\w+)\/factors$/.exec(pathname)?.[1];
    const person = this.people.find(({ id }) => id === of);
    if (person !== undefined)
      return {
        body: person.factors.map((factorType, at) => ({
          id: `${person.id}f${at}`,
          factorType,
          provider: 'OKTA',
          vendorName: 'OKTA',
          status: 'ACTIVE',
        })),
      };
    if (pathname !== '/api/v1/users') return undefined;
    // Two on a page, as if that were the limit.
    const from = Number(searchParams.get('after') ?? '0');
    const shown = this.people.slice(from, from + 2);
    const more = from + 2 < this.people.length;
    const now = new Date().toISOString();
    return {
      headers: {
        Link: [
          `<${this.url}/api/v1/users?limit=2>; rel="self"`,
          ...(more ? [`<${this.url}/api/v1/users?after=${from + 2}&limit=2>; rel="next"`] : []),
        ].join(', '),
      },
      body: shown.map(({ id, first, last, status }) => ({
        id,
        status,
        created: '2025-02-03T09:00:00.000Z',
        activated: '2025-02-03T09:00:00.000Z',
        statusChanged: null,
        lastLogin: status === 'ACTIVE' ? now : null,
        lastUpdated: now,
        passwordChanged: '2025-02-03T09:05:00.000Z',
        profile: {
          firstName: first,
          lastName: last,
          mobilePhone: null,
          secondEmail: null,
          login: `${first.toLowerCase()}@example.com`,
          email: `${first.toLowerCase()}@example.com`,
        },
        credentials: { provider: { type: 'OKTA', name: 'OKTA' } },
      })),
    };
  }
}

/** GitHub: repositories by Link header, the protection of each main branch by a request of its own. */
export class GitHub extends StandIn {
  token = 'github_pat_first';
  readonly #repositories = [
    { id: 11, name: 'shop', visibility: 'private', reviews: 2 },
    { id: 12, name: 'site', visibility: 'public', reviews: 1 },
  ];

  protected admits({ headers }: IncomingMessage): boolean {
    return headers.authorization === `Bearer ${this.token}`;
  }

  protected refusal(): Answer {
    return {
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
    };
  }

  protected find({ pathname, searchParams }: URL): Answer | undefined {
    const [, name, what] = /^\/repos\/example-inc\/(\w+)\/(branches\/main\/protection|rules\/branches\/main)$/.exec(pathname) ?? [];
    const one = this.#repositories.find((each) => each.name === name);
    if (one !== undefined)
      return what === 'rules/branches/main'
        ? { body: [] }
        : {
            body: {
              url: `${this.url}${pathname}`,
              required_pull_request_reviews: {
                dismiss_stale_reviews: true,
                require_code_owner_reviews: false,
                required_approving_review_count: one.reviews,
              },
              enforce_admins: { url: `${this.url}${pathname}/enforce_admins`, enabled: true },
              allow_force_pushes: { enabled: false },
              allow_deletions: { enabled: false },
            },
          };
    if (pathname !== '/orgs/example-inc/repos') return undefined;
    const page = Number(searchParams.get('page') ?? '1');
    const repository = this.#repositories[page - 1];
    const next = `${this.url}/orgs/example-inc/repos?per_page=1&type=all&page=${page + 1}`;
    return {
      headers: page < this.#repositories.length ? { Link: `<${next}>; rel="next"` } : {},
      body:
        repository === undefined
          ? []
          : [
              {
                id: repository.id,
                name: repository.name,
                full_name: `example-inc/${repository.name}`,
                private: repository.visibility !== 'public',
                visibility: repository.visibility,
                archived: false,
                fork: false,
                default_branch: 'main',
                pushed_at: '2026-09-28T10:00:00Z',
                security_and_analysis: {
                  secret_scanning: { status: 'enabled' },
                  secret_scanning_push_protection: { status: 'enabled' },
                  dependabot_security_updates: { status: 'enabled' },
                },
              },
            ],
    };
  }
}

/** Jira Cloud: issues of a query by a cursor in the reply. */
export class Jira extends StandIn {
  token = 'ATATTfirst';
  readonly #issues = [
    { key: 'SEC-1', assignee: 'Ada Stone', done: true },
    { key: 'SEC-2', assignee: null, done: false },
    { key: 'SEC-3', assignee: 'Ben Field', done: false },
  ];

  protected admits({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(`plumbline@example.com:${this.token}`).toString('base64');
    return headers.authorization === `Basic ${given}`;
  }

  protected refusal(): Answer {
    return { status: 401, body: { errorMessages: ['Client must be authenticated to access this resource.'], errors: {} } };
  }

  protected find({ pathname, searchParams }: URL): Answer | undefined {
    if (pathname !== '/rest/api/3/search/jql' || !searchParams.get('jql')?.includes('security')) return undefined;
    const from = Number(searchParams.get('nextPageToken')?.replace('page-', '') ?? '0');
    const now = new Date().toISOString().replace('Z', '+0000');
    return {
      body: {
        issues: this.#issues.slice(from, from + 2).map(({ key, assignee, done }) => ({
          id: `100${key.slice(-1)}`,
          key,
          self: `${this.url}/rest/api/3/issue/${key}`,
          fields: {
            summary: `Work ${key}`,
            issuetype: { name: 'Task' },
            status: done
              ? { name: 'Done', statusCategory: { key: 'done' } }
              : { name: 'In Progress', statusCategory: { key: 'indeterminate' } },
            priority: { name: 'High' },
            assignee: assignee === null ? null : { displayName: assignee, accountType: 'atlassian' },
            labels: ['security'],
            created: now,
            updated: now,
            duedate: null,
            resolutiondate: done ? now : null,
          },
        })),
        ...(from + 2 < this.#issues.length ? { nextPageToken: `page-${from + 2}`, isLast: false } : { isLast: true }),
      },
    };
  }
}
