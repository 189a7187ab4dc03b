import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { ProblemsError } from '../../../src/internal/problems.ts';
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts';
import { tlsFor } from '../../../src/registry/settings/tls.ts';
import { createAuthority } from '../../support/http/authority.ts';
import { type Certificates, makeCertificates } from '../../support/http/certificate.ts';
import { requirePeer } from '../../support/peers/peers.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient, type TestClient } from '../../support/registry/client.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlebag-tls-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('tlsFor', () => {
  it('reads every file once and answers by origin', async () => {
    await using authority = await createAuthority();
    const pem = authority.cert;
    await writeFile(join(folder, 'ca.pem'), pem);
    const settings: RegistrySettings = {
      configs: {
        'harbor.example:8443': { tls: { ca_file: './ca.pem' } },
        'plain.example': { tls: { insecure_skip_verify: true } },
        'none.example': { auth: { username: 'u', password: 'p' } },
      },
    };
    const lookUp = tlsFor(settings, { folder });
    await rm(join(folder, 'ca.pem'));
    expect(lookUp('https://harbor.example:8443')).toEqual({ ca: pem });
    expect(lookUp('https://plain.example')).toEqual({ rejectUnauthorized: false });
    expect(lookUp('https://none.example')).toBeUndefined();
    expect(lookUp('https://harbor.example')).toBeUndefined();
  });

  it('knows nothing without settings', () => {
    expect(tlsFor(undefined)('https://harbor.example')).toBeUndefined();
  });

  it('trusts the authorities of --ca-file at every host, besides those of the host', async () => {
    await using authority = await createAuthority();
    await using other = await createAuthority('Another authority');
    const settings = { configs: { 'a.example': { tls: { ca_file: other.certFile } } } };
    const lookUp = tlsFor(settings, { caFile: authority.certFile });
    expect(lookUp('https://b.example')).toEqual({ ca: authority.cert });
    expect(lookUp('https://a.example')?.ca).toContain(authority.cert);
    expect(lookUp('https://a.example')?.ca).toContain(other.cert);
  });

  it.each([
    ['is not there', undefined, /no such file/],
    [
      'holds no certificate',
      '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n',
      /no certificate/,
    ],
    ['is no PEM', '<html>', /no PEM text/],
  ])('refuses a --ca-file that %s', async (_what, text, reason) => {
    const path = join(folder, 'given.pem');
    await rm(path, { force: true });
    if (text !== undefined) await writeFile(path, text);
    expect(() => tlsFor(undefined, { caFile: path })).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_INVALID',
        message: expect.stringMatching(reason),
      }),
    );
  });

  it('reports every file that cannot be used, in one go', async () => {
    await writeFile(join(folder, 'empty.pem'), '');
    const settings: RegistrySettings = {
      configs: {
        'a.example': { tls: { ca_file: join(folder, 'missing.pem') } },
        'b.example': { tls: { ca_file: join(folder, 'empty.pem') } },
        'c.example': { tls: { cert_file: join(folder, 'empty.pem') } },
      },
    };
    let thrown: unknown;
    try {
      tlsFor(settings);
    } catch (error) {
      thrown = error;
    }
    const problems = thrown instanceof ProblemsError ? thrown.problems.map(({ message }) => message) : [];
    expect(problems).toEqual([
      expect.stringContaining('a.example'),
      expect.stringContaining('holds no PEM text'),
      expect.stringContaining('go together'),
      expect.stringContaining('c.example'),
    ]);
  });
});

describe('a registry with a certificate of its own', () => {
  it('is trusted with its ca_file, with insecure_skip_verify, and not without', async (context) => {
    const certificates = await certificatesFor(context);
    await using registry = await startRegistry({ tls: certificates });
    const outcomes: unknown[] = [];
    for (const tls of [{ ca_file: certificates.caFile }, { insecure_skip_verify: true }, undefined]) {
      await using client = clientWith(registry.host, tls);
      outcomes.push(await ping(client, `https://${registry.host}`));
    }
    expect(outcomes).toEqual(['ok', 'ok', 'ERR_REGISTRY_UNREACHABLE']);
  });

  it('is found by HTTPS on a loopback host without a scheme', async (context) => {
    const certificates = await certificatesFor(context);
    await using registry = await startRegistry({ tls: certificates });
    await using client = openTestClient({ tls: () => ({ ca: certificates.ca }) });
    expect(await ping(client, registry.host)).toBe('ok');
  });

  it('that asks for a client certificate gets the one of its settings', async (context) => {
    const certificates = await certificatesFor(context);
    await using registry = await startRegistry({ tls: { ...certificates, clientCa: certificates.ca } });
    const pair = { cert_file: certificates.clientCertFile, key_file: certificates.clientKeyFile };
    await using client = clientWith(registry.host, { ca_file: certificates.caFile, ...pair });
    expect(await ping(client, registry.host)).toBe('ok');
    await using stranger = clientWith(registry.host, { ca_file: certificates.caFile });
    expect(await ping(stranger, registry.host)).toBe('ERR_REGISTRY_UNREACHABLE');
  });

  it('is distinguished from one that speaks plain HTTP', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    await expect(client.open(`https://${registry.host}`).ping()).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      hint: expect.stringContaining('http://'),
    });
  });
});

let made: Promise<Certificates> | undefined;

async function certificatesFor(context: TestContext): Promise<Certificates> {
  const openssl = requirePeer(context, 'openssl');
  made ??= makeCertificates(openssl, folder);
  const certificates = await made;
  expect(await readFile(certificates.certFile, 'utf8')).toBe(certificates.cert);
  return certificates;
}

function clientWith(
  host: string,
  tls: NonNullable<NonNullable<RegistrySettings['configs']>[string]['tls']> | undefined,
): TestClient {
  const settings: RegistrySettings = tls === undefined ? {} : { configs: { [host]: { tls } } };
  return openTestClient({ settings, tls: tlsFor(settings) });
}

async function ping(client: TestClient, host: string): Promise<unknown> {
  return client
    .open(host)
    .ping()
    .then(
      () => 'ok',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
}
