import { describe, expect, it } from 'vitest';
import { curl } from '@/features/reference/curl';
import { type Document, filterGroups, operationsByTag, resolve, type Schema } from '@/features/reference/document';
import { limits, propertiesOf, sample, typeText } from '@/features/reference/schema';

const document: Document = {
  tags: [{ name: 'Records', description: 'What is pushed' }, { name: 'Unused' }],
  paths: {
    '/v2/things/{thingId}': {
      parameters: [{ $ref: '#/components/parameters/ThingId' }],
      get: {
        operationId: 'getThing',
        tags: ['Things'],
        summary: 'Get a thing',
        responses: { '200': { $ref: '#/components/responses/Thing' } },
      },
      put: {
        operationId: 'putThing',
        tags: ['Records'],
        'x-some-permissions': ['things-put'],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: { '204': { description: 'Done' } },
      },
    },
  },
  components: {
    parameters: { ThingId: { name: 'thingId', in: 'path', required: true, schema: { type: 'number' } } },
    responses: {
      Thing: {
        description: 'The thing',
        headers: { 'X-Request-Id': { schema: { type: 'string' } } },
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
      },
    },
    schemas: {
      Thing: {
        type: 'object',
        required: ['name', 'parent'],
        properties: {
          name: { type: 'string', maxLength: 191, example: "it's" },
          at: { type: ['string', 'null'], format: 'date-time' },
          parent: { $ref: '#/components/schemas/Thing' },
          many: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
        },
      },
      Loop: { $ref: '#/components/schemas/Loop' },
    },
  },
};
const thing: Schema = { $ref: '#/components/schemas/Thing' };

describe('operationsByTag', () => {
  const groups = operationsByTag(document);

  it('groups in the order of the tags and leaves empty ones out', () => {
    expect(groups.map((group) => group.tag)).toEqual(['Records', 'Things']);
  });

  it('reads parameters, scopes, bodies and replies through references', () => {
    const put = groups[0]?.operations[0];
    expect(put).toMatchObject({
      id: 'putThing',
      method: 'PUT',
      scopes: ['things-put'],
      fields: [{ name: 'thingId', place: 'path', required: true }],
      bodies: [{ contentType: 'application/json' }],
    });
    expect(groups[1]?.operations[0]?.answers).toMatchObject([
      { status: '200', description: 'The thing', headers: [{ name: 'X-Request-Id' }] },
    ]);
  });

  it('filters by every word', () => {
    const found = (text: string) =>
      filterGroups(groups, text).flatMap((group) => group.operations.map((each) => each.id));
    expect(found('')).toEqual(['putThing', 'getThing']);
    expect(found('GET thing')).toEqual(['getThing']);
    expect(found('records put')).toEqual(['putThing']);
    expect(found('nothing')).toEqual([]);
  });

  it('survives a document with nothing in it', () => {
    expect(operationsByTag({})).toEqual([]);
  });
});

describe('schemas', () => {
  it('ends on references that turn in a circle or lead nowhere', () => {
    expect(resolve(document, { $ref: '#/components/schemas/Loop' })).toEqual({ $ref: '#/components/schemas/Loop' });
    expect(resolve<Schema>(document, { $ref: '#/components/schemas/Absent' })).toEqual({});
  });

  it.each<[Schema, string]>([
    [thing, 'Thing'],
    [{ type: 'array', items: thing }, 'array of Thing'],
    [{ type: ['string', 'null'], format: 'date-time' }, 'string (date-time) or null'],
    [{ oneOf: [thing, { type: 'array', items: thing }] }, 'Thing or array of Thing'],
    [{}, 'any JSON'],
  ])('%j reads %s', (schema, text) => {
    expect(typeText(document, schema)).toBe(text);
  });

  it.each<[Schema, string[]]>([
    [{ enum: ['a', 1] }, ['one of "a", 1']],
    [{ minimum: 1, maximum: 500, default: 50 }, ['1 to 500', 'default 50']],
    [{ maxLength: 191 }, ['at most 191 characters']],
    [{ minItems: 1 }, ['1 or more items']],
    [{}, []],
  ])('%j is limited to %j', (schema, text) => {
    expect(limits(schema)).toEqual(text);
  });

  it('lists properties, of arrays and of every part of an allOf', () => {
    expect(propertiesOf(document, { type: 'array', items: thing }).map((each) => each.name)).toEqual([
      'name',
      'at',
      'parent',
      'many',
    ]);
    expect(propertiesOf(document, { allOf: [thing, { properties: { more: {} } }] })).toHaveLength(5);
  });

  it('makes a sample of a schema that contains itself', () => {
    expect(sample(document, thing)).toMatchObject({ name: "it's", parent: { name: "it's" } });
  });
});

describe('curl', () => {
  it('makes a line that a shell takes, quotes in the body included', () => {
    const [put] = operationsByTag(document)[0]?.operations ?? [];
    if (put === undefined) throw new Error('no operation');
    const line = curl(
      {
        ...document,
        components: {
          ...document.components,
          schemas: {
            Thing: { type: 'object', required: ['name'], properties: { name: { type: 'string', example: "it's" } } },
          },
        },
      },
      'http://h',
      put,
    );
    expect(line).toBe(
      [
        'curl -sS -X PUT "http://h/v2/things/$THING_ID"',
        '-H "Authorization: Bearer $PLUMBLINE_API_KEY"',
        "-H 'Content-Type: application/json'",
        `-d '{"name":"it'\\''s"}'`,
      ].join(' \\\n  '),
    );
  });
});
