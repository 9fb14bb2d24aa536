/** The parts of an OpenAPI 3.1 document that the reference shows. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
};

type Content = Record<string, { schema?: Schema; example?: unknown }>;

type Parameter = {
  $ref?: string;
  name?: string;
  in?: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
};

type Response = { $ref?: string; description?: string; content?: Content; headers?: Record<string, Parameter> };

type OperationObject = {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  deprecated?: boolean;
  parameters?: Parameter[];
  requestBody?: { $ref?: string; required?: boolean; description?: string; content?: Content };
  responses?: Record<string, Response>;
  security?: Record<string, string[]>[];
  [extension: `x-${string}`]: unknown;
};

export type Document = {
  info?: { title?: string; version?: string; description?: string };
  servers?: { url?: string }[];
  tags?: { name?: string; description?: string }[];
  paths?: Record<string, Record<string, unknown>>;
  components?: Record<string, Record<string, unknown>>;
};

export type Field = { name: string; place: string; required: boolean; description: string; schema: Schema };
export type Body = { contentType: string; schema: Schema; example: unknown };
export type Answer = { status: string; description: string; bodies: Body[]; headers: Field[] };

export type Operation = {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** The permission scopes of which a key needs one. */
  scopes: string[];
  fields: Field[];
  bodies: Body[];
  answers: Answer[];
};

export type Group = { tag: string; description: string; operations: Operation[] };

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Follows a reference within the document; one that leads nowhere gives an empty object. */
export function resolve<Target extends { $ref?: string }>(document: Document, target: Target): Target {
  let found: Target = target;
  // A chain longer than this is a circle.
  for (let hops = 0; hops < 16 && found.$ref !== undefined; hops++) {
    let at: unknown = document;
    for (const part of found.$ref.replace(/^#\//, '').split('/')) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
    }
    if (typeof at !== 'object' || at === null) return {} as Target;
    found = at as Target;
  }
  return found;
}

/** The operations of the document by tag, in the order in which the document names them. */
export function operationsByTag(document: Document): Group[] {
  const groups = new Map<string, Group>();
  for (const tag of document.tags ?? []) {
    if (tag.name !== undefined)
      groups.set(tag.name, { tag: tag.name, description: tag.description ?? '', operations: [] });
  }
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const found = item[method] as OperationObject | undefined;
      if (found === undefined) continue;
      const tag = found.tags?.[0] ?? 'Other';
      const group = groups.get(tag) ?? { tag, description: '', operations: [] };
      groups.set(tag, group);
      group.operations.push(
        operation(document, path, method, found, (item.parameters as Parameter[] | undefined) ?? []),
      );
    }
  }
  return [...groups.values()].filter((group) => group.operations.length > 0);
}

function operation(
  document: Document,
  path: string,
  method: string,
  found: OperationObject,
  shared: Parameter[],
): Operation {
  const body = found.requestBody && resolve(document, found.requestBody);
  return {
    id: found.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: found.summary ?? '',
    description: found.description ?? '',
    deprecated: found.deprecated ?? false,
    scopes: scopes(found),
    fields: [...shared, ...(found.parameters ?? [])].map((parameter) => field(resolve(document, parameter))),
    bodies: bodies(body?.content),
    answers: Object.entries(found.responses ?? {}).map(([status, response]) => {
      const answer = resolve(document, response);
      return {
        status,
        description: answer.description ?? '',
        bodies: bodies(answer.content),
        headers: Object.entries(answer.headers ?? {}).map(([name, header]) => ({
          ...field(resolve(document, header)),
          name,
        })),
      };
    }),
  };
}

function field(parameter: Parameter): Field {
  return {
    name: parameter.name ?? '',
    place: parameter.in ?? '',
    required: parameter.required ?? false,
    description: parameter.description ?? parameter.schema?.description ?? '',
    schema: parameter.schema ?? {},
  };
}

function bodies(content: Content | undefined): Body[] {
  return Object.entries(content ?? {}).map(([contentType, media]) => ({
    contentType,
    schema: media.schema ?? {},
    example: media.example,
  }));
}

// Scopes stand in the permission extension, where the published contract has
// them, or in the security requirement.
function scopes(found: OperationObject): string[] {
  const named = Object.entries(found)
    .filter(([name]) => name.startsWith('x-') && name.endsWith('-permissions'))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const required = (found.security ?? []).flatMap((each) => Object.values(each).flat());
  return [...new Set([...named, ...required].filter((scope): scope is string => typeof scope === 'string'))];
}

/** The groups with only those operations that contain every word of the text. */
export function filterGroups(groups: Group[], text: string): Group[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups
    .map((group) => ({
      ...group,
      operations: group.operations.filter((each) => {
        const hay = `${each.method} ${each.path} ${each.summary} ${each.id} ${group.tag}`.toLowerCase();
        return words.every((word) => hay.includes(word));
      }),
    }))
    .filter((group) => group.operations.length > 0);
}
