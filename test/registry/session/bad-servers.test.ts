import { describe, expect, it, onTestFinished } from 'vitest';
import { copyGraph } from '../../../src/oci/copy.ts';
import { type Authority, createAuthority, type KeyPair } from '../../support/http/authority.ts';
import { type InProcessRegistryOptions, startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const USER = { username: 'operator', password: 'correct horse' };

describe('a certificate', () => {
  it.each<[string, (authority: Authority) => Promise<KeyPair>, RegExp]>([
    ['that has expired', (ca) => ca.issue(['IP:127.0.0.1'], { days: -1 }), /has expired/],
    ['that is for later', (ca) => ca.issueForLater(['IP:127.0.0.1']), /is not valid yet/],
    ['for another host', (ca) => ca.issue(['DNS:harbor.lab']), /is not for "127\.0\.0\.1"/],
    ['of another authority', async () => await strangers(), /not signed by an authority/],
  ])('%s ends the work with its reason, and nothing is sent', async (_what, issue, reason) => {
    const authority = await authorityNamed();
    const registry = await serve({ tls: await issue(authority) });
    await using client = openTestClient({ tls: () => ({ ca: authority.cert }) });
    const pushing = client.open(`https://${registry.host}`).ping();
    expect(await thrownBy(pushing)).toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: expect.stringMatching(reason),
      hint: expect.stringMatching(/\S/),
    });
    expect(registry.log.entries).toEqual([]);
  });
});

describe('the wrong scheme', () => {
  it('HTTP, to a registry that speaks TLS, says that TLS is spoken', async () => {
    const authority = await authorityNamed();
    const registry = await serve({ tls: await authority.issue(['IP:127.0.0.1']) });
    await using client = openTestClient();
    expect(await thrownBy(client.open(`http://${registry.host}`).ping())).toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
    });
  });

  it('HTTPS, to a registry that speaks plain HTTP, says how to force that', async () => {
    const registry = await serve({});
    await using client = openTestClient();
    expect(await thrownBy(client.open(`https://${registry.host}`).ping())).toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      hint: expect.stringContaining('http://'),
    });
  });
});

describe('a wrong password', () => {
  it.each(['basic', 'bearer'] as const)('by %s names host and user, never itself', async (scheme) => {
    const registry = await serve({ auth: { scheme, ...USER } });
    const password = 'battery-staple-wrong';
    await using client = openTestClient({
      credentials: { [registry.host]: { type: 'password', username: 'operator', password } },
    });
    const image = sampleImage();
    const to = client.open(registry.host).repository('team/app');
    const error = await thrownBy(copyGraph(image.root, { from: sampleFetcher(image), to }));
    expect(error).toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      hint: expect.stringMatching(new RegExp(`user "operator".*"${registry.host}"`)),
    });
    const basic = Buffer.from(`operator:${password}`).toString('base64');
    const said = `${error.stack ?? ''}${JSON.stringify(error)}${String(error.cause)}`;
    expect(said).not.toContain(password);
    expect(said).not.toContain(basic);
  });
});

describe('a login page answered with 200', () => {
  it.each(['GET ping', 'HEAD manifest', 'HEAD blob', 'PUT upload', 'PUT manifest'] as const)(
    'to %s is no success',
    async (on) => {
      const registry = await serve({ faults: [{ on, times: 99, action: { type: 'html' } }] });
      await using client = openTestClient();
      const image = sampleImage();
      const opened = client.open(registry.host);
      const pushing = async (): Promise<void> => {
        await opened.ping();
        const to = opened.repository('team/app');
        await copyGraph(image.root, { from: sampleFetcher(image), to });
      };
      expect(await thrownBy(pushing())).toMatchObject({ message: expect.stringContaining('web page') });
    },
  );
});

let made: Promise<Authority> | undefined;

async function authorityNamed(): Promise<Authority> {
  const authority = await (made ??= createAuthority());
  return authority;
}

async function strangers(): Promise<KeyPair> {
  await using other = await createAuthority('Somebody else');
  return await other.issue(['IP:127.0.0.1']);
}

async function serve(options: InProcessRegistryOptions): Promise<Awaited<ReturnType<typeof startRegistry>>> {
  const registry = await startRegistry(options);
  onTestFinished(() => registry[Symbol.asyncDispose]());
  return registry;
}
