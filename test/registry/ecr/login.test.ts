import { describe, expect, it, onTestFinished } from 'vitest';
import type { Registry } from '../../../src/oci/roles.ts';
import type { Credential } from '../../../src/registry/credentials/credential.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { createEcr } from '../../../src/registry/ecr/ecr.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { type EcrOptions, type FakeEcr, startEcr } from '../../support/registry/ecr.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

interface Scene {
  readonly ecr: FakeEcr;
  readonly registry: Registry;
  /** Lets time pass (milliseconds). */
  readonly pass: (time: number) => void;
}

async function open(
  options: EcrOptions & {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly credential?: Credential;
  } = {},
): Promise<Scene> {
  const ecr = await startEcr({ repositories: ['lab/app'], ...options });
  const image = sampleImage({ name: 'app', layerBytes: 100 });
  await ecr.registry.seed('lab/app', image, 'v1');
  let now = 0;
  const client = openTestClient({
    env: ecr.env,
    now: () => now,
    user: { env: { ...ecr.env, ...options.env }, home: '/nonexistent/home' },
    ...(options.credential === undefined ? {} : { credentials: { [ecr.host]: options.credential } }),
  });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await ecr[Symbol.asyncDispose]();
  });
  const pass = (time: number): void => void (now += time);
  return { ecr, registry: client.open(`http://${ecr.host}`), pass };
}

const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

describe('a registry of ECR', () => {
  it('is logged in to with AWS keys alone, once', async () => {
    const { ecr, registry } = await open();
    await Promise.all([1, 2, 3].map(() => registry.repository('lab/app').resolve('v1')));
    expect(await registry.repository('lab/app').resolve('v1')).toBeDefined();
    expect(ecr.actions()).toEqual(['GetAuthorizationToken']);
  });

  it('gets a new password before the old one expires', async () => {
    const { ecr, registry, pass } = await open();
    await registry.repository('lab/app').resolve('v1');
    pass(12 * 3600 * 1000);
    await registry.repository('lab/app').resolve('v1');
    expect(ecr.actions()).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
  });

  it('gets the credentials that there are before any keys', async () => {
    const credential = { type: 'password', username: 'AWS', password: 'of docker login' } as const;
    const { ecr, registry } = await open({ credential });
    const error = await thrownBy(registry.repository('lab/app').resolve('v1'));
    expect(error.code).toBe('ERR_REGISTRY_DENIED');
    expect(ecr.actions()).toEqual([]);
    expect(error.hint).toContain('12 hours');
    expect(error.hint).toContain(
      `"aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin ${ecr.host}"`,
    );
  });

  it('names the ways to log in where there are neither', async () => {
    const { ecr, registry } = await open({ env: NO_KEYS });
    const { code, hint } = await thrownBy(registry.repository('lab/app').resolve('v1'));
    expect(code).toBe('ERR_REGISTRY_DENIED');
    expect(hint).toContain('AWS_ACCESS_KEY_ID');
    expect(hint).toContain(`aws ecr get-login-password --region eu-west-1 | docker login`);
    expect(ecr.actions()).toEqual([]);
  });

  it('says why the keys give no password, and asks no second time', async () => {
    const { ecr, registry } = await open({ forbidden: ['GetAuthorizationToken'] });
    const { hint } = await thrownBy(registry.repository('lab/app').resolve('v1'));
    expect(hint).toContain(`Cannot log in to "${ecr.host}"`);
    expect(hint).toContain('ecr:GetAuthorizationToken');
    await thrownBy(registry.repository('lab/app').resolve('v1'));
    expect(ecr.actions()).toEqual(['GetAuthorizationToken']);
  });

  it('says why keys cannot be used', async () => {
    const { registry } = await open({ env: { ...NO_KEYS, AWS_PROFILE: 'none' } });
    const { hint } = await thrownBy(registry.repository('lab/app').resolve('v1'));
    expect(hint).toContain('profile "none"');
  });

  it('names the permission that a push lacks', async () => {
    const { ecr, registry } = await open();
    ecr.registry.inject({
      on: 'POST upload',
      action: {
        type: 'status',
        status: 403,
        body: {
          errors: [
            { code: 'DENIED', message: 'User: x is not authorized to perform: ecr:InitiateLayerUpload' },
          ],
        },
      },
    });
    const { hint } = await thrownBy(Promise.resolve(registry.repository('lab/app').probe?.()));
    expect(hint).toContain('ecr:InitiateLayerUpload');
  });

  it.each([true, false])('says that a repository is missing, hanging up or not: %s', async (hangsUp) => {
    const { registry } = await open({ hangsUp });
    const { hint } = await thrownBy(Promise.resolve(registry.repository('lab/none').probe?.()));
    expect(hint).toContain('"aws ecr create-repository --region eu-west-1 --repository-name NAME"');
    expect(hint).toContain('--create-repositories');
  });

  it('takes 500 layers, and says so before anything is sent', async () => {
    const { registry } = await open();
    expect(registry.layerLimit).toBe(500);
  });
});

it('no other registry is given a password of ECR', async () => {
  const ecr = await startEcr();
  const auth = { scheme: 'basic', username: 'AWS', password: 'x' } as const;
  const { startRegistry } = await import('../../support/registry/registry.ts');
  const other = await startRegistry({ auth });
  onTestFinished(async () => {
    await ecr[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
  await using client = openTestClient({ user: { env: ecr.env, home: '/nonexistent/home' } });
  await thrownBy(client.open(other.host).repository('lab/app').resolve('v1'));
  expect(ecr.actions()).toEqual([]);
  expect(other.log.entries.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

it.each([
  ['123456789012.dkr.ecr.eu-west-1.evil.example', { gets: undefined, told: true }],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example', { gets: undefined, told: true }],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', { gets: 'password', told: false }],
])('beside an API that the user named, %s: %j', async (host, { gets, told }) => {
  const ecr = await startEcr();
  const http = createHttpClient();
  onTestFinished(async () => {
    await http[Symbol.asyncDispose]();
    await ecr[Symbol.asyncDispose]();
  });
  const env = { ...ecr.env, AWS_ENDPOINT_URL_ECR: ecr.api.url };
  const aws = createEcr({ http, user: { env, home: '/nonexistent/home' }, now: () => 0 });
  const store = aws.logsIn({ find: async () => await Promise.resolve(undefined) });
  expect((await store.find(host))?.type).toBe(gets);
  const fault = store.faultOf?.(host)?.message ?? '';
  expect(fault.includes('is for "123456789012.dkr.ecr.eu-west-1.amazonaws.com"')).toBe(told);
});
