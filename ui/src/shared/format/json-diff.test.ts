import { describe, expect, it } from 'vitest';
import { ExactNumber, parseExact } from '@/shared/api/json';
import { jsonChanges } from '@/shared/format/json-diff';

const changes = (before: string, after: string) => jsonChanges(parseExact(before), parseExact(after));

describe('the difference between two JSON values', () => {
  it('is empty for equal values, whatever the order of members', () => {
    expect(changes('{"a":1,"b":[1,{"c":null}]}', '{"b":[1,{"c":null}],"a":1}')).toEqual([]);
  });

  it('names each place with what it was and is', () => {
    expect(
      changes('{"mfa":true,"profile":{"team":"x"},"old":1}', '{"mfa":false,"profile":{"team":"y"},"a b":[]}'),
    ).toEqual([
      { path: 'mfa', kind: 'changed', before: 'true', after: 'false' },
      { path: 'profile.team', kind: 'changed', before: '"x"', after: '"y"' },
      { path: 'old', kind: 'removed', before: '1', after: undefined },
      { path: '["a b"]', kind: 'added', before: undefined, after: '[]' },
    ]);
  });

  it('compares arrays by place', () => {
    expect(changes('{"t":[1,2,3]}', '{"t":[1,9]}')).toEqual([
      { path: 't[1]', kind: 'changed', before: '2', after: '9' },
      { path: 't[2]', kind: 'removed', before: '3', after: undefined },
    ]);
  });

  it('sees every digit, and a change of type', () => {
    expect(jsonChanges({ n: new ExactNumber('9007199254740993') }, { n: 9007199254740992 })).toHaveLength(1);
    expect(changes('{"n":{}}', '{"n":[]}')).toEqual([{ path: 'n', kind: 'changed', before: '{}', after: '[]' }]);
    expect(changes('1', '"1"')).toEqual([{ path: '', kind: 'changed', before: '1', after: '"1"' }]);
  });
});
