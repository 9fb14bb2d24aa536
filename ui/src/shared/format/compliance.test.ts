import { describe, expect, it } from 'vitest';
import { adviceOn } from '@/shared/format/compliance';

describe('advice on a check', () => {
  it('is to mend what fails, and to prove what nobody knows', () => {
    expect(adviceOn('ANTIVIRUS', 'FAIL')).toContain('Install antivirus');
    expect(adviceOn('ANTIVIRUS', 'MISCONFIGURED')).not.toContain('Install');
    expect(adviceOn('ANTIVIRUS', 'MISCONFIGURED')).toContain('document');
  });
});
