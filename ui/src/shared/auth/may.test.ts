import { describe, expect, it } from 'vitest';
import type { Me } from '@/shared/api/types';
import { grants } from '@/shared/auth/may';

const me: Me = {
  kind: 'key',
  key: { id: 1, name: 'k' },
  scopes: ['company-get'],
  grants: [{ workspaceId: 2, scopes: ['monitors-get'] }],
  workspaces: [],
};

describe('grants', () => {
  it.each([
    ['company-get', 1, true],
    ['company-get', undefined, true],
    ['monitors-get', 2, true],
    ['monitors-get', 1, false],
    ['monitors-get', undefined, false],
    ['monitors', 2, false],
  ])('%s in workspace %s: %s', (scope, workspace, granted) => {
    expect(grants(me, scope, workspace)).toBe(granted);
  });
});
