import { describe, expect, it } from 'vitest';
import { keyCommand, pushCalls, resourceCalls } from '@/features/connections/calls';

const of = {
  origin: 'http://127.0.0.1:8080',
  connectionId: 7,
  resourceId: 9,
  record: '{\n  "id": "o\'r",\n  "note": "a \\"b\\" `c` $d"\n}',
  recordId: 'a/b ü',
};
const text = (calls: { id: string; text: string }[], id: string) => calls.find((call) => call.id === id)?.text ?? '';

describe('the calls of a resource', () => {
  it('carry the real address, ids and record', () => {
    for (const call of [...pushCalls(of), ...resourceCalls(of)]) {
      expect(call.text, call.id).toMatch(/custom-connections\/7\/resources\/9|--connection 7 --resource 9/);
      expect(call.text).toContain('http://127.0.0.1:8080');
    }
  });

  it('cannot break out of the quotes of the shell', () => {
    expect(text(pushCalls(of), 'curl')).toContain(`-d '{"data": { "id": "o'\\''r", "note": "a \\"b\\" \`c\` $d" }}'`);
  });

  it('put the record into programs as one text', () => {
    const literal = JSON.stringify('{"data": { "id": "o\'r", "note": "a \\"b\\" `c` $d" }}');
    expect(text(pushCalls(of), 'python')).toContain(`body = ${literal}`);
    expect(text(pushCalls(of), 'go')).toContain(`body := ${literal}`);
  });

  it('escape the id of a record in a path', () => {
    expect(text(resourceCalls(of), 'get')).toContain('/records/a%2Fb%20%C3%BC');
  });

  it('take the key from the environment', () => {
    expect(keyCommand('plk_1')).toBe('export PLUMBLINE_API_KEY=plk_1');
    expect(keyCommand(undefined)).toContain('read -rs');
    for (const call of resourceCalls(of)) expect(call.text).not.toContain('plk_');
  });
});
