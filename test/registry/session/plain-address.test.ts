import { describe, expect, it, onTestFinished } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { Fetcher, Repository } from '../../../src/oci/roles.ts';
import { createAuthority } from '../../support/http/authority.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';

const bytes = incompressibleBytes('in chunks', 120_000);
const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };

/** A registry behind a proxy that speaks TLS for it and does not say so: its addresses are those of plain HTTP. */
async function setUp(
  ownAddress: (url: string) => string,
): Promise<{ registry: InProcessRegistry; repository: Repository }> {
  const authority = await createAuthority();
  const tls = await authority.issue(['IP:127.0.0.1']);
  const registry = await startRegistry({ tls, locations: 'absolute', ownAddress });
  const settings = { mirrors: { [registry.host]: { endpoint: [registry.url] } } };
  const client = openTestClient({ settings, tls: () => ({ ca: authority.cert }), uploadChunk: 50_000 });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    await authority[Symbol.asyncDispose]();
  });
  return { registry, repository: client.open(registry.host).repository('team/app') };
}

const content: Fetcher = { fetch: (_, { offset = 0 } = {}) => streamOf(bytes.subarray(offset)) };
const PLAIN: readonly (readonly [string, (url: string) => string])[] = [
  ['its own port', (url) => url.replace('https:', 'http:')],
  ['no port', (url) => `http://${new URL(url).hostname}`],
  ['another port', (url) => `http://${new URL(url).hostname}:8080`],
];

describe.each(PLAIN)('addresses of plain HTTP with %s', (_what, ownAddress) => {
  it('are kept on TLS: those of the beginning, of each chunk, and of how far it is', async () => {
    const { registry, repository } = await setUp(ownAddress);
    // So that the registry is asked how far it is.
    registry.inject({ on: 'PATCH upload', skip: 1, action: { type: 'drop-upload', afterBytes: 1000 } });
    await repository.push(blob, content);
    expect(await repository.has(blob)).toBe(true);
    expect(registry.log.count('GET upload')).toBe(1);
    expect(registry.log.count('PATCH upload')).toBeGreaterThan(2);
  });

  it('are kept on TLS when an upload is cancelled', async () => {
    const { registry, repository } = await setUp(ownAddress);
    await repository.probe?.();
    expect(registry.log.count('DELETE upload')).toBe(1);
  });
});

it('an address of plain HTTP at another host is refused, and the remedy is named', async () => {
  const { registry, repository } = await setUp(() => 'http://localhost:9');
  await expect(repository.push(blob, content)).rejects.toMatchObject({
    message: expect.stringContaining('sends us from https to plain http at "localhost:9"'),
    hint: expect.stringContaining('X-Forwarded-Proto: https'),
  });
  expect(registry.log.count('PATCH upload')).toBe(0);
});
