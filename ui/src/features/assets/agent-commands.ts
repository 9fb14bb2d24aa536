/** What is needed to install the agent on a machine. */
export type AgentAt = {
  origin: string;
  connectionId: number;
  /** Whose machine it is: an address; empty while nobody is named. */
  whose: string;
  token: string;
};

export type AgentSystem = 'linux' | 'macos' | 'windows';

export const AGENT_SYSTEMS: readonly { value: AgentSystem; label: string }[] = [
  { value: 'linux', label: 'Linux' },
  { value: 'macos', label: 'macOS' },
  { value: 'windows', label: 'Windows' },
];

const EXAMPLE = 'ada@example.com';

/** A text as one word of a shell. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The steps to install the agent on a system, each a command to paste. */
export function agentSteps(system: AgentSystem, { origin, connectionId, whose, token }: AgentAt) {
  const owner = quoted(`email:${whose.trim() === '' ? EXAMPLE : whose.trim()}`);
  const plain = origin.startsWith('http:') && !/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin);
  const where = `--url ${quoted(origin)} --connection ${connectionId}${plain ? ' --insecure-http' : ''}`;
  if (system === 'linux')
    return [
      {
        label: 'Put the key where only root reads it.',
        command: `sudo install -d -m 700 /etc/plumbline
printf '%s\\n' '${token}' | sudo install -m 600 /dev/stdin /etc/plumbline/agent.token`,
      },
      {
        label: 'Make the unit of systemd, and begin. It reports every four hours.',
        command: `sudo plumbline agent install --systemd --write --read-homes --read-firewall \\
  ${where} --for ${owner} --token-file /etc/plumbline/agent.token
id plumbline-agent || sudo useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin plumbline-agent
sudo systemctl daemon-reload && sudo systemctl enable --now plumbline-agent.timer`,
      },
    ];
  if (system === 'macos')
    return [
      {
        label: 'Put the key where only you read it.',
        command: `mkdir -p -m 700 ~/.plumbline
(umask 077 && printf '%s\\n' '${token}' > ~/.plumbline/agent.token)`,
      },
      {
        label: 'Report once. Have launchd do the same every four hours, as the person whose machine it is.',
        command: `plumbline agent run --once ${where} --for ${owner} --token-file ~/.plumbline/agent.token`,
      },
    ];
  return [
    {
      label: 'Put the key into a file, in PowerShell as administrator.',
      command: `New-Item -ItemType Directory -Force C:\\ProgramData\\Plumbline | Out-Null
icacls C:\\ProgramData\\Plumbline /inheritance:r /grant "SYSTEM:(OI)(CI)F" "BUILTIN\\Administrators:(OI)(CI)F"
Set-Content -NoNewline C:\\ProgramData\\Plumbline\\agent.token '${token}'`,
    },
    {
      label: 'Report once. Have the task scheduler do the same every four hours, as SYSTEM.',
      command: `plumbline.exe agent run --once ${where} --for ${owner.replaceAll(`'\\''`, "''")} --token-file C:\\ProgramData\\Plumbline\\agent.token`,
    },
  ];
}
