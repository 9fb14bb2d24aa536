import { expect } from '@playwright/test';
import type { Json, Server, Target } from './server';

/** What was made, by its ids. */
export type Seeded = Target & {
  recordId: string;
  testId: number;
  exclusionId: number;
  controlId: number;
  frameworkId: number;
  requirementId: number;
  conditionName: string;
  channelId: number;
  userId: number;
  reviewId: number;
  personId: number;
  deviceId: number;
  assetId: number;
};

const SCRIPT = '<script>alert(1)</script>';
const LINK = 'javascript:alert(2)';

let texts = 0;

/** A text that is a script wherever it is taken for anything but text, and a new one each time. */
function evil(): string {
  texts++;
  return `"'><img src=x onerror=alert(${texts})>${SCRIPT}`;
}

/** Has the identity sync take everybody in, and gives the number of the person with an address. */
export async function synced(server: Server, email: string): Promise<number> {
  const v2 = '/public/v2';
  const { id } = await server.call<{ id: number }>('POST', `${v2}/identity-syncs`, {});
  await expect.poll(() => server.call('GET', `${v2}/identity-syncs/${id}`)).toMatchObject({ status: 'COMPLETED' });
  return (await server.call<{ id: number }>('GET', `${v2}/personnel/email:${email}`)).id;
}

/** Puts scripts into every text that the API takes, and links that are scripts where it must not take them. */
export async function seedHostile(server: Server): Promise<Seeded> {
  const v2 = '/public/v2';
  const ws = `${v2}/workspaces/1`;
  const make = <Body>(path: string, body: Json): Promise<Body> => server.call<Body>('POST', path, body);
  const refuse = async (path: string, property: string, body: Record<string, Json>): Promise<void> => {
    const reply = server.call('POST', path, { ...body, [property]: LINK });
    await expect(reply).rejects.toThrow(new RegExp(`: 400 .*\`${property}\``));
  };

  const target = await server.connect(evil(), 'name', [{ id: 'x', name: 'x', note: 'x', ok: true, [SCRIPT]: 'x' }]);
  const resource = `${v2}/custom-connections/${target.connectionId}/resources/${target.resourceId}`;
  await server.call('PUT', `${v2}/custom-connections/${target.connectionId}`, { description: evil(), clientAlias: evil() });
  await server.call('PUT', resource, { name: evil(), description: evil() });
  const recordId = `<svg/onload=alert(3)>?a=b#c%2F ü`;
  await server.push(target, [
    { id: recordId, name: evil(), note: LINK, ok: false, [SCRIPT]: evil() },
    { id: SCRIPT, name: LINK, note: `http://x/"onmouseover=alert(4) ${evil()}`, ok: false, [SCRIPT]: LINK },
    { id: 'fine', name: evil(), note: evil(), ok: true, [SCRIPT]: 'x' },
  ]);

  await server.call('PUT', `${resource}/account-mapping`, { name: 'name', displayName: 'note', roles: 'note' });
  await expect.poll(() => server.call('GET', `${resource}/account-mapping`)).toMatchObject({ current: true });
  const accounts = await server.call<{ data: { id: number }[] }>('GET', `${ws}/accounts?q=img`);
  const account = `${ws}/accounts/${accounts.data[0]?.id ?? 0}`;
  await expect(server.call('PUT', account, { evidence: { note: evil(), url: LINK } })).rejects.toThrow(/: 400 .*`url`/);
  await server.call('PUT', account, {
    serviceAccount: { owner: "o'onload=alert&amp@example.org", reason: evil() },
    evidence: { note: evil(), url: 'https://tickets.example/?"><b>' },
  });
  const review = await make<{ id: number }>(`${ws}/access-reviews`, { name: evil() });

  const frameworks = `${ws}/frameworks`;
  const framework = await make<{ id: number }>(frameworks, { name: evil(), shortName: '<b>short', description: evil() });
  const requirements = await make<{ data: { id: number }[] }>(`${frameworks}/${framework.id}/requirements`, {
    data: [{ code: '<b>1', name: evil(), description: evil(), category: evil(), additionalInfo: evil() }],
  });
  const requirementId = requirements.data[0]?.id ?? 0;
  await server.call('PUT', `${frameworks}/${framework.id}/requirements/${requirementId}`, { isInScope: true, rationale: evil() });
  const control = await make<{ id: number }>(`${ws}/controls`, {
    name: evil(),
    description: evil(),
    code: '<b>C',
    question: evil(),
    activity: evil(),
    requirementIds: [requirementId],
  });
  await make(`${ws}/controls/${control.id}/notes`, { comment: `${evil()} ${LINK}` });

  const conditionName = 'hostile';
  const logic = { fact: 'note', operator: 'notEqual', value: evil() };
  await server.call('PUT', `${ws}/conditions/${conditionName}`, { logic });
  const { testId } = await make<{ testId: number }>(`${ws}/monitoring-tests?wait=verdict`, {
    name: evil(),
    description: `${evil()} ${LINK}`,
    note: evil(),
    publish: true,
    controlIds: [control.id],
    logic: {
      groups: [
        {
          name: evil(),
          resourceId: target.resourceId,
          evaluator: {
            all: [
              { fact: 'ok', operator: 'equal', value: true },
              { fact: SCRIPT, operator: 'notEqual', value: evil() },
              { condition: conditionName },
            ],
          },
        },
      ],
    },
  });
  const exclusions = `${ws}/monitoring-tests/${testId}/exclusions`;
  const exclusion = {
    targetId: SCRIPT,
    reason: evil(),
    category: 'ACCEPTED_RISK',
    approver: evil(),
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  await refuse(exclusions, 'ticketUrl', exclusion);
  const excluded = await make<{ id: number }>(exclusions, { ...exclusion, ticketUrl: 'https://tickets.example/?"><b>' });

  const channels = `${ws}/notifications/channels`;
  await refuse(channels, 'url', { kind: 'slack', name: evil() });
  const channel = await make<{ id: number }>(channels, { kind: 'slack', name: evil(), url: 'https://hooks.example/?"><b>' });
  await make(`${ws}/notifications/rules`, { name: evil(), channelIds: [channel.id], events: ['TEST_FAILED'] });
  await make(`${v2}/api-keys`, { name: evil(), scopes: ['read'] });
  await make(`${v2}/workspaces`, { name: evil(), description: evil() });
  await server.call('PUT', `${v2}/company`, { name: evil(), description: evil(), legalName: evil() });
  const { user } = await make<{ user: { id: number } }>(`${v2}/users`, {
    email: "o'onload=alert&amp@example.org",
    roles: ['AUDITOR'],
    firstName: evil(),
    lastName: SCRIPT,
    jobTitle: evil(),
  });
  const hris = await make<{ id: number }>(`${v2}/custom-connections`, { name: evil(), providerTypes: ['HRIS'] });
  const identity = { identityId: SCRIPT, email: 'evil@people.example', firstName: evil(), lastName: SCRIPT };
  await make(`${v2}/custom-connections/${hris.id}/hris-user-identities`, [
    { ...identity, jobTitle: evil(), managerName: evil(), managerId: SCRIPT },
  ]);
  // The first identities are applied at once: no night's sync was yet.
  const people = () => server.call<{ data: { id: number }[] }>('GET', `${v2}/personnel?q=evil@people`);
  await expect.poll(async () => (await people()).data.length).toBe(1);
  const personId = (await people()).data[0]?.id ?? 0;
  const choice = evil();
  await make(`${v2}/custom-fields`, { kind: 'PERSONNEL', name: evil(), description: evil(), choices: [choice] });
  const ofPeople = await make<{ id: number }>(`${v2}/custom-fields`, { kind: 'PERSONNEL', name: evil() });
  const ofAssets = await make<{ id: number }>(`${v2}/custom-fields`, { kind: 'ASSET', name: evil(), choices: [evil(), choice] });
  await make(`${v2}/groups`, { name: evil(), rule: { jobTitles: [evil(), SCRIPT] } });
  const { id: groupId } = await make<{ id: number }>(`${v2}/groups`, { name: evil() });
  await make(`${v2}/groups/${groupId}/actions`, { action: 'add', personnelIds: [personId] });
  await server.call('PUT', `${v2}/personnel/${personId}`, {
    employmentStatus: 'OUT_OF_SCOPE',
    notHumanReason: evil(),
    customFields: [{ id: ofPeople.id, value: evil() }],
  });
  const mdm = await make<{ id: number }>(`${v2}/custom-connections`, { name: evil(), providerTypes: ['MDM'] });
  const device = await make<{ id: number }>(`${v2}/custom-connections/${mdm.id}/devices`, {
    personnelId: personId,
    platformName: 'LINUX',
    platformVersion: evil(),
    alias: evil(),
    model: evil(),
    serialNumber: SCRIPT,
    externalId: evil(),
    antivirusEnabled: false,
    antivirusExplanation: { [SCRIPT]: evil() },
    encryptionExplanation: `${evil()} ${LINK}`,
    appList: [{ name: evil(), version: SCRIPT }],
  });
  const asset = await make<{ id: number }>(`${v2}/assets`, {
    name: evil(),
    description: evil(),
    notes: evil(),
    assetClassTypes: ['HARDWARE'],
    assetType: 'PHYSICAL',
    ownerId: user.id,
    externalId: evil(),
    externalOwnerId: evil(),
    uniqueId: evil(),
    customFields: [{ id: ofAssets.id, value: choice }],
  });
  return {
    ...target,
    personId,
    recordId,
    testId,
    exclusionId: excluded.id,
    controlId: control.id,
    frameworkId: framework.id,
    requirementId,
    conditionName,
    channelId: channel.id,
    userId: user.id,
    reviewId: review.id,
    deviceId: device.id,
    assetId: asset.id,
  };
}
