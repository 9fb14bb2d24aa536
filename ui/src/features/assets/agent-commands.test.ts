import { expect, test } from 'vitest';
import { agentSteps } from '@/features/assets/agent-commands';

const at = { origin: 'https://plumbline.example.com', connectionId: 9, whose: "o'neil@example.com", token: 'plk_1' };

test('an address cannot leave its place in a command', () => {
  const [, linux] = agentSteps('linux', at);
  expect(linux?.command).toContain("--connection 9 --for 'email:o'\\''neil@example.com' --token-file");
  const [, windows] = agentSteps('windows', at);
  expect(windows?.command).toContain("--for 'email:o''neil@example.com' --token-file");
});

test('without an encrypted way it has to be said that others can read along', () => {
  const [, one] = agentSteps('macos', { ...at, whose: '', origin: 'http://plumbline.internal' });
  expect(one?.command).toContain('--insecure-http --for email:ada@example.com');
  const [, own] = agentSteps('macos', { ...at, origin: 'http://localhost:8080' });
  expect(own?.command).not.toContain('--insecure-http');
});
