/** What the calls of a resource are filled in with. */
export type CallsOf = {
  origin: string;
  connectionId: number;
  resourceId: number;
  /** A record as JSON text. */
  record: string;
  /** A record's id for calls about one record. */
  recordId: string;
};

export type Call = { id: string; title: string; about: string; text: string };

const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const oneLine = (json: string): string =>
  json
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
const pathOf = ({ connectionId, resourceId }: CallsOf): string =>
  `/public/v2/custom-connections/${connectionId}/resources/${resourceId}`;

/** Puts the key into the shell, out of its history and out of the list of processes. */
export function keyCommand(secret: string | undefined): string {
  return secret === undefined
    ? 'read -rs PLUMBLINE_API_KEY && export PLUMBLINE_API_KEY'
    : `export PLUMBLINE_API_KEY=${secret}`;
}

function curl(method: string, url: string, body?: string): string {
  return [
    `curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${shell(url)}`,
    `  -H "Authorization: Bearer $PLUMBLINE_API_KEY"`,
    ...(body === undefined ? [] : [`  -H 'Content-Type: application/json'`, `  -d ${shell(body)}`]),
  ].join(' \\\n');
}

/** Ways to send a record, one for each taste. */
export function pushCalls(of: CallsOf): Call[] {
  const url = `${of.origin}${pathOf(of)}/records`;
  const record = oneLine(of.record);
  const body = `{"data": ${record}}`;
  const push = `plumbline push records.json --url ${of.origin} --connection ${of.connectionId} --resource ${of.resourceId}`;
  return [
    { id: 'curl', title: 'curl', about: 'Paste it into a terminal.', text: curl('POST', url, body) },
    {
      id: 'cli',
      title: 'Command line',
      about: 'For files of any size: JSON, NDJSON or CSV.',
      text: `printf '%s' ${shell(record)} > records.json\n${push}`,
    },
    {
      id: 'python',
      title: 'Python',
      about: 'Needs nothing but Python 3.',
      text: `import os, urllib.request

body = ${JSON.stringify(body)}
request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=body.encode(),
    headers={
        "Authorization": "Bearer " + os.environ["PLUMBLINE_API_KEY"],
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as response:
    print(response.status, response.read().decode())`,
    },
    {
      id: 'go',
      title: 'Go',
      about: 'With the standard library alone.',
      text: `package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	body := ${JSON.stringify(body)}
	request, err := http.NewRequest("POST", ${JSON.stringify(url)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("PLUMBLINE_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	fmt.Println(response.Status)
}`,
    },
    {
      id: 'github',
      title: 'GitHub Action',
      about: 'A workflow that sends a file every night. Keep the key as the secret PLUMBLINE_API_KEY.',
      text: `name: Evidence
on:
  schedule:
    - cron: '0 3 * * *'
  workflow_dispatch:
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Send the records
        env:
          PLUMBLINE_API_KEY: \${{ secrets.PLUMBLINE_API_KEY }}
        run: |
          jq -c '{data: .}' records.json > body.json
          curl -sS --fail-with-body ${shell(url)} \\
            -H "Authorization: Bearer $PLUMBLINE_API_KEY" \\
            -H 'Content-Type: application/json' \\
            --data @body.json`,
    },
  ];
}

/** Every call about the resource. */
export function resourceCalls(of: CallsOf): Call[] {
  const base = `${of.origin}${pathOf(of)}`;
  const one = `${base}/records/${encodeURIComponent(of.recordId)}`;
  const record = oneLine(of.record);
  return [
    {
      id: 'list',
      title: 'List records',
      about: 'Newest first, page by page.',
      text: curl('GET', `${base}/records?size=100`),
    },
    {
      id: 'find',
      title: 'Find records',
      about: 'By a part of the id or display name, or by values of properties with where[NAME].',
      text: curl('GET', `${base}/records?q=${encodeURIComponent(of.recordId)}`),
    },
    {
      id: 'push',
      title: 'Create or replace records',
      about: 'One object or an array. With wait=verdict the reply comes when the tests have judged them.',
      text: curl('POST', `${base}/records?wait=verdict`, `{"data": [${record}]}`),
    },
    { id: 'get', title: 'Get one record', about: 'With every value as it was sent.', text: curl('GET', one) },
    {
      id: 'change',
      title: 'Change one record',
      about: 'Properties that are sent replace those of the record; the others stay.',
      text: curl('PUT', one, `{"data": ${record}}`),
    },
    { id: 'delete', title: 'Delete one record', about: 'Its findings end with it.', text: curl('DELETE', one) },
    { id: 'versions', title: 'What a record was before', about: 'Newest first.', text: curl('GET', `${one}/versions`) },
    {
      id: 'verdicts',
      title: 'What tests say of a record',
      about: 'Now, and when it failed before.',
      text: curl('GET', `${one}/verdicts`),
    },
    {
      id: 'stage',
      title: 'Replace the whole dataset: stage',
      about: 'Records of a session stay invisible until it is completed. Repeat for as many as you have.',
      text: curl('POST', `${base}/sessions/nightly-1`, `{"data": [${record}]}`),
    },
    {
      id: 'complete',
      title: 'Replace the whole dataset: complete',
      about: 'In one step. It is refused if more than 20 % of the records would vanish.',
      text: curl('POST', `${base}/sessions/nightly-1/actions`, '{"action": "complete", "maxDeletePercent": 20}'),
    },
    { id: 'schema', title: 'Get the schema', about: 'With its versions.', text: curl('GET', `${base}/schema`) },
    {
      id: 'cli',
      title: 'Command line',
      about: 'Replaces the dataset by a file and fails the build if a test fails.',
      text: `plumbline push records.ndjson --url ${of.origin} --connection ${of.connectionId} --resource ${of.resourceId} --replace --wait --fail-on failed`,
    },
  ];
}
