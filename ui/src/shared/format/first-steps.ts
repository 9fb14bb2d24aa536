// The commands take the key from PLUMBLINE_API_KEY, which keeps it out of the
// shell's history and of the list of processes.
const KEY_STEP = {
  label: 'Once per shell: your key',
  command: 'read -rs PLUMBLINE_API_KEY && export PLUMBLINE_API_KEY',
};

/** The commands that bring the first evidence in and read it, for the server at this address. */
export function firstSteps(origin: string): { label: string; command: string }[] {
  return [
    KEY_STEP,
    {
      label: 'Push what this machine is (accounts, ssh settings, ports, packages), with the recommended tests',
      command: `plumbline collect host --tests --url ${origin}`,
    },
    {
      label: 'Or make a connection from a sample of your own data',
      command: `curl -sS ${origin}/public/v2/custom-connections \\
  -H "Authorization: Bearer $PLUMBLINE_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"name":"Users","providerTypes":["CUSTOM"],"workspaceIds":[1],"displayNameKey":"email",
       "sampleData":{"id":"u1","email":"ada@example.com","mfa":true}}'`,
    },
  ];
}

/** The commands that put records into a resource. */
export function pushSteps(
  origin: string,
  connectionId: number,
  resourceId: number,
): { label: string; command: string }[] {
  return [
    KEY_STEP,
    {
      label: 'Push a file of records',
      command: `plumbline push records.json --url ${origin} --connection ${connectionId} --resource ${resourceId}`,
    },
    {
      label: 'Or post one record',
      command: `curl -sS ${origin}/public/v2/custom-connections/${connectionId}/resources/${resourceId}/records \\
  -H "Authorization: Bearer $PLUMBLINE_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"data":{"id":"r1"}}'`,
    },
  ];
}

/** The command that makes and publishes a test over a resource. */
export function testSteps(origin: string, workspaceId: number): { label: string; command: string }[] {
  return [
    KEY_STEP,
    {
      label: 'Make a test that fails every record whose mfa is not true',
      command: `curl -sS ${origin}/public/v2/workspaces/${workspaceId}/monitoring-tests \\
  -H "Authorization: Bearer $PLUMBLINE_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"name":"Every user has MFA","description":"","publish":true,
       "logic":{"logic":"ALL_GROUPS","groups":[{"name":"users","resourceId":1,
         "evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}}'`,
    },
  ];
}
