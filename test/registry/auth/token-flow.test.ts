import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { requestToken } from '../../../src/registry/auth/token.ts';
import type { Credential } from '../../../src/registry/credentials/credential.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import type { RegistryAuth } from '../../support/registry/auth.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const USER = { username: 'operator', password: 'correct, horse: "battery"' };
const PASSWORD: Credential = { type: 'password', ...USER };
const image = sampleImage({ name: 'guarded', layerBytes: 200_000 });

describe('the token flow', () => {
  it('gets one token for everything that is read of a repository', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const repository = client.open(registry.host).repository('team/app');
    await repository.resolve('v1');
    for (const { descriptor } of image.blobs) await readContent(repository, descriptor);
    expect(registry.log.count('GET token')).toBe(1);
    expect(registry.log.entries.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  it('asks for one token only when many requests begin at once', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const repository = client.open(registry.host).repository('team/app');
    await Promise.all(image.blobs.map(({ descriptor }) => readContent(repository, descriptor)));
    expect(registry.log.count('GET token')).toBe(1);
    expect(registry.log.count('GET ping')).toBe(1);
  });

  it('pulls without credentials where the token service lets anyone', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER, anonymousPull: true });
    await using client = openTestClient();
    expect(await client.open(registry.host).repository('team/app').resolve('v1')).toEqual(image.root);
  });

  it('renews a token when its time is over, by the clock it is given', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER, tokenSeconds: 60 });
    let time = 0;
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD }, now: () => time });
    const repository = client.open(registry.host).repository('team/app');
    await repository.resolve('v1');
    time = 50_000;
    await repository.resolve('v1');
    expect(registry.log.count('GET token')).toBe(1);
    time = 55_000;
    await repository.resolve('v1');
    expect(registry.log.count('GET token')).toBe(2);
  });

  it('renews a token that the registry no longer takes', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER, tokenUses: 1 });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const repository = client.open(registry.host).repository('team/app');
    await repository.resolve('v1');
    expect(await repository.resolve('v1')).toEqual(image.root);
    expect(registry.log.count('GET token')).toBe(2);
  });

  it('renews a token in the middle of a transfer, and asks for the rest alone', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    registry.inject({ on: 'GET blob', action: { type: 'drop', afterBytes: 80_000 } });
    registry.inject({ on: 'GET blob', action: { type: 'expire-token' } });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const repository = client.open(registry.host).repository('team/app');
    const layer = image.blobs[1]?.descriptor ?? image.root;
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    const blobs = registry.log.entries.filter(({ topic }) => topic === 'blob');
    expect(blobs.map(({ status }) => status)).toEqual([200, 401, 206]);
    expect(blobs.at(-1)?.headers.range).toBe('bytes=80000-');
  });

  it('gives up after one renewal that did not help', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    registry.inject({ on: 'HEAD manifest', times: 9, action: { type: 'expire-token' } });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    await expect(client.open(registry.host).repository('team/app').resolve('v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
    });
    expect(registry.log.count('HEAD manifest')).toBe(2);
  });

  it('exchanges an identity token by POST, and sends it nowhere else', async () => {
    const auth: RegistryAuth = {
      scheme: 'bearer',
      ...USER,
      identityToken: 'opaque-refresh-token',
      ownRealm: true,
      tokenKey: 'access_token',
    };
    await using registry = await guarded(auth);
    const credential: Credential = { type: 'identity-token', token: 'opaque-refresh-token' };
    await using client = openTestClient({ credentials: { [registry.host]: credential } });
    expect(await client.open(registry.host).repository('team/app').resolve('v1')).toEqual(image.root);
    expect(registry.realmLog.count('POST token')).toBe(1);
    expect(JSON.stringify(registry.log.entries)).not.toContain('opaque-refresh-token');
  });

  it('asks for pull on the repository a blob is mounted from', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const blob = image.blobs[0]?.descriptor ?? image.root;
    expect(await client.open(registry.host).repository('other/app').mount(blob, 'team/app')).toBe(true);
    const [token] = registry.log.entries.filter(({ topic }) => topic === 'token');
    expect(new URL(token?.path ?? '', registry.url).searchParams.getAll('scope')).toEqual([
      'repository:other/app:pull,push',
      'repository:team/app:pull',
    ]);
  });

  it('says which user was refused at which host, and never the password', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    const wrong: Credential = { type: 'password', username: 'operator', password: 'hunter2-secret' };
    await using client = openTestClient({ credentials: { [registry.host]: wrong } });
    const error: unknown = await client
      .open(registry.host)
      .repository('team/app')
      .resolve('v1')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      hint: expect.stringMatching(new RegExp(`user "operator".*${registry.host}`)),
    });
    expect(everythingIn(error)).not.toContain('hunter2-secret');
    expect(everythingIn(error)).not.toContain(Buffer.from('operator:hunter2-secret').toString('base64'));
  });

  it('says of each request what could not be done without a token', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    const wrong: Credential = { type: 'password', username: 'operator', password: 'wrong' };
    await using client = openTestClient({ credentials: { [registry.host]: wrong } });
    const repository = client.open(registry.host).repository('team/app');
    const outcomes = await Promise.allSettled(['v1', 'v2'].map((tag) => repository.resolve(tag)));
    const messages = outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : ''));
    expect(messages).toEqual([
      expect.stringMatching(/team\/app:v1": no token was given: the registry answered 401/),
      expect.stringMatching(/team\/app:v2": no token was given: the registry answered 401/),
    ]);
  });

  it('says how to log in when no credentials are known', async () => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    await using client = openTestClient();
    await expect(client.open(registry.host).repository('team/app').resolve('v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      hint: expect.stringContaining(`docker login ${registry.host}`),
    });
  });

  it.each([
    ['a web page', { type: 'html' } as const],
    ['no JSON', { type: 'status', status: 200, body: 'token-secret-abc' } as const],
    ['no token', { type: 'status', status: 200, body: { expires_in: 60 } } as const],
    ['a token with a line break', { type: 'status', status: 200, body: { token: 'a\r\nx: y' } } as const],
  ])('fails on a token service that answers with %s', async (_what, action) => {
    await using registry = await guarded({ scheme: 'bearer', ...USER });
    registry.inject({ on: 'GET token', action });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    const error: unknown = await client
      .open(registry.host)
      .repository('team/app')
      .resolve('v1')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_FAILED', message: expect.stringContaining('token') });
    expect(everythingIn(error)).not.toContain('token-secret-abc');
  });

  it('sends no credentials to a token service on plain HTTP when the registry is on HTTPS', async () => {
    await using realm = await startRegistry();
    await using http = createHttpClient();
    const request = {
      challenge: { scheme: 'bearer', parameters: { realm: `${realm.url}/token` } },
      scopes: [],
      credential: PASSWORD,
      root: 'https://registry.example/v2',
      attempt: { what: 'fetch manifest "x"', host: 'registry.example' },
      now: () => 0,
    };
    await expect(requestToken(http, request)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      hint: expect.stringContaining('X-Forwarded-Proto: https'),
    });
    expect(realm.log.entries).toEqual([]);
  });
});

describe('Basic authentication', () => {
  it('sends the password after the first challenge, with every request', async () => {
    await using registry = await guarded({ scheme: 'basic', ...USER });
    await using client = openTestClient({ credentials: { [registry.host]: PASSWORD } });
    await client.open(registry.host).repository('team/app').resolve('v1');
    expect(registry.log.entries.map(({ status }) => status)).toEqual([401, 200]);
  });

  it('does not repeat what was refused', async () => {
    await using registry = await guarded({ scheme: 'basic', ...USER });
    const wrong: Credential = { type: 'password', username: 'operator', password: 'wrong' };
    await using client = openTestClient({ credentials: { [registry.host]: wrong } });
    await expect(client.open(registry.host).ping()).rejects.toMatchObject({ code: 'ERR_REGISTRY_DENIED' });
    expect(registry.log.entries).toHaveLength(2);
  });
});

async function guarded(auth: RegistryAuth): Promise<InProcessRegistry> {
  const registry = await startRegistry({ auth });
  await registry.seed('team/app', image, 'v1');
  return registry;
}

/** An error as a log would have it: message, hint, stack, and every cause. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message} ${error.stack} ${JSON.stringify(error)} ${everythingIn(error.cause)}`;
}
