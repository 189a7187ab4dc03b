import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { parseDigest } from '../../../src/oci/digest.ts';
import type { Registry, Repository } from '../../../src/oci/roles.ts';
import type { Credential } from '../../../src/registry/credentials/credential.ts';
import { type Authority, createAuthority, type KeyPair } from '../../support/http/authority.ts';
import { type Greed, startGreedyHost } from '../../support/http/greedy-host.ts';
import type { RegistryAuth } from '../../support/registry/auth.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import type { RequestKind } from '../../support/registry/request-log.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const USER = { username: 'operator', password: 'hunter2-S3CR3T' };
const PASSWORD: Credential = { type: 'password', ...USER };
const IDENTITY: Credential = { type: 'identity-token', token: 'refresh-S3CR3T' };
const SECRETS = [
  USER.password,
  Buffer.from(`${USER.username}:${USER.password}`).toString('base64'),
  IDENTITY.token,
];

const image = sampleImage({ name: 'redirected', layerBytes: 1000 });
const fresh = sampleImage({ name: 'pushed', layerBytes: 1000 });
const [layer] = image.blobs;
const [freshLayer] = fresh.blobs;
/** Larger than what goes in one request. */
const LARGE: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: parseDigest(`sha256:${createHash('sha256').update(new Uint8Array(33_554_433)).digest('hex')}`),
  size: 32 * 1024 * 1024 + 1,
};

interface Operation {
  /** The request that is redirected. */
  readonly on: RequestKind;
  readonly run: (repository: Repository, registry: Registry) => Promise<unknown>;
}

const OPERATIONS: readonly (readonly [string, Operation])[] = [
  ['the greeting', { on: 'GET ping', run: (repository) => repository.resolve('v1') }],
  ['ping', { on: 'GET ping', run: (_, registry) => registry.ping() }],
  ['a tag, by HEAD', { on: 'HEAD manifest', run: (repository) => repository.resolve('v1') }],
  ['a manifest', { on: 'GET manifest', run: (repository) => readContent(repository, image.root) }],
  [
    'a blob',
    { on: 'GET blob', run: (repository) => readContent(repository, layer?.descriptor ?? image.root) },
  ],
  [
    'is a blob there',
    { on: 'HEAD blob', run: (repository) => repository.has(layer?.descriptor ?? image.root) },
  ],
  ['is a manifest there', { on: 'HEAD manifest', run: (repository) => repository.has(image.root) }],
  [
    'referrers',
    { on: 'GET referrers', run: async (repository) => repository.attachments?.(image.root.digest) },
  ],
  [
    'a mount',
    { on: 'POST upload', run: (repository) => repository.mount(freshLayer?.descriptor ?? LARGE, 'other') },
  ],
  ['a probe', { on: 'POST upload', run: async (repository) => repository.probe?.() }],
  ['the start of an upload', { on: 'POST upload', run: pushLayer }],
  ['an upload in one request', { on: 'PUT upload', run: pushLayer }],
  [
    'an upload in a stream',
    { on: 'PATCH upload', run: (repository) => repository.push(LARGE, zeros(LARGE.size)) },
  ],
  ['a manifest that is pushed', { on: 'PUT manifest', run: pushManifest }],
  [
    'a deletion',
    { on: 'DELETE manifest', run: async (repository) => repository.remove?.(image.root.digest) },
  ],
  ['the projects of a Harbor', { on: 'GET other', run: async (_, registry) => registry.spaces?.() }],
];

const LURES: readonly { readonly greed: Greed; readonly isSecure: boolean }[] = [
  { greed: 'Basic', isSecure: false },
  { greed: 'Bearer', isSecure: false },
  { greed: 'Bearer', isSecure: true },
  { greed: 'Bearer, its realm elsewhere', isSecure: false },
];
const GUARDS: readonly (readonly [string, RegistryAuth | undefined, Credential])[] = [
  ['a password, asked for by nobody', undefined, PASSWORD],
  ['an identity token, asked for by nobody', undefined, IDENTITY],
  ['a password, for Basic', { scheme: 'basic', ...USER }, PASSWORD],
  ['a password, for tokens', { scheme: 'bearer', ...USER }, PASSWORD],
  ['an identity token, for tokens', { scheme: 'bearer', ...USER, identityToken: IDENTITY.token }, IDENTITY],
];

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['IP:127.0.0.1']);
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe.each(OPERATIONS)('credentials stay at home when a redirect leads away: %s', (_name, operation) => {
  it.each(GUARDS)('%s', async (_guard, auth, credential) => {
    for (const { greed, isSecure } of LURES) {
      await using greedy = await startGreedyHost(greed, { tls: isSecure ? pair : undefined });
      await using registry = await guarded(auth);
      registry.inject({ on: operation.on, times: 99, action: { type: 'redirect', to: greedy.url } });
      const error = await attempt(registry, credential, operation);
      expect(greedy.count()).toBeGreaterThan(0);
      expect(greedy.heard()).not.toMatch(/"(proxy-)?authorization":/);
      for (const secret of SECRETS) {
        expect(greedy.heard()).not.toContain(secret);
        expect(JSON.stringify([error, String(error)])).not.toContain(secret);
      }
    }
  });
});

it.each(OPERATIONS.filter(([, { on }]) => on !== 'GET ping' && on !== 'GET other'))(
  'credentials are given where a redirect stays at home: %s',
  async (_name, operation) => {
    for (const [, auth, credential] of GUARDS) {
      await using registry = await guarded(auth);
      registry.inject({ on: operation.on, action: { type: 'redirect', to: registry.url } });
      expect(await attempt(registry, credential, operation)).toBeUndefined();
    }
  },
);

it.each([
  ['a manifest', 'GET manifest'],
  ['a blob', 'GET blob'],
] as const)(
  'the error about %s names the host that answered, and whose credentials it did not get',
  async (name, on) => {
    await using greedy = await startGreedyHost('Basic');
    await using registry = await guarded({ scheme: 'basic', ...USER });
    registry.inject({ on, times: 99, action: { type: 'redirect', to: greedy.url } });
    const [, operation] = OPERATIONS.find(([each]) => each === name) ?? [];
    expect(operation && (await attempt(registry, PASSWORD, operation))).toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      message: expect.stringContaining(`"${greedy.host}", where the registry sent us, answered 401`),
      url: expect.stringMatching(new RegExp(`^${greedy.url}/v2/`)),
      hint: expect.stringContaining(`Credentials of "${registry.host}" go to no other host`),
    });
  },
);

it.each([307, 308])(
  'an identity token does not follow its token service to another host (%i)',
  async (status) => {
    await using greedy = await startGreedyHost('Bearer');
    await using registry = await guarded({ scheme: 'bearer', ...USER, identityToken: IDENTITY.token });
    const headers = { location: `${greedy.url}/token` };
    registry.inject({ on: 'POST token', times: 99, action: { type: 'status', status, headers } });
    const [, operation] = OPERATIONS[2] ?? [];
    expect(operation && (await attempt(registry, IDENTITY, operation))).toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      message: expect.stringContaining(
        `the server redirects credentials to another host at "${greedy.url}/token"`,
      ),
    });
    expect(greedy.count()).toBe(0);
  },
);

it('a password does not follow its token service to another host', async () => {
  await using greedy = await startGreedyHost('Basic');
  await using registry = await guarded({ scheme: 'bearer', ...USER });
  registry.inject({ on: 'GET token', times: 99, action: { type: 'redirect', to: greedy.url } });
  const [, operation] = OPERATIONS[2] ?? [];
  if (operation !== undefined) await attempt(registry, PASSWORD, operation);
  expect(greedy.count()).toBeGreaterThan(0);
  for (const secret of SECRETS) expect(greedy.heard()).not.toContain(secret);
});

async function guarded(auth: RegistryAuth | undefined): Promise<InProcessRegistry> {
  const registry = await startRegistry({ referrers: true, ...(auth === undefined ? {} : { auth }) });
  await registry.seed('team/app', image, 'v1');
  return registry;
}

/** Returns what an operation fails with, if it does. */
async function attempt(
  registry: InProcessRegistry,
  credential: Credential,
  { run }: Operation,
): Promise<unknown> {
  const tls = (): { ca: string } => ({ ca: authority.cert });
  await using client = openTestClient({ credentials: { [registry.host]: credential }, tls });
  const opened = client.open(registry.host);
  try {
    await run(opened.repository('team/app'), opened);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function pushLayer(repository: Repository): Promise<void> {
  const { descriptor, bytes } = freshLayer ?? { descriptor: LARGE, bytes: new Uint8Array() };
  await repository.push(descriptor, { fetch: () => streamOf(bytes) });
}

async function pushManifest(repository: Repository): Promise<void> {
  const bytes = image.manifests[0]?.bytes ?? new Uint8Array();
  await repository.tag(image.root, { fetch: () => streamOf(bytes) }, 'v2');
}

function zeros(size: number): { fetch: () => AsyncGenerator<Uint8Array> } {
  const chunk = new Uint8Array(1024 * 1024);
  return {
    fetch: async function* () {
      for (let left = size; left > 0; left -= chunk.length)
        yield chunk.subarray(0, Math.min(left, chunk.length));
    },
  };
}
