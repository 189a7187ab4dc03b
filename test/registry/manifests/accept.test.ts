import { describe, expect, it, onTestFinished } from 'vitest';
import { type Exchange, reply } from '../../support/registry/exchange.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

describe('a registry that takes each line of "Accept" for one type', () => {
  it.each([
    ['a manifest of OCI', sampleImage({ name: 'oci' })],
    ['an index of OCI', sampleImage({ name: 'oci', index: true })],
    ['a manifest of Docker', sampleImage({ name: 'docker', format: 'docker' })],
    ['a list of Docker', sampleImage({ name: 'docker', format: 'docker', index: true })],
  ])('gives what it has, not what it makes of it for programs of 2015: %s', async (_what, image) => {
    const registry: InProcessRegistry = await startRegistry({
      intercept: async (exchange) => {
        const found = registry.content.manifest('team/app', exchange.url.pathname.split('/').at(-1) ?? '');
        if (found === undefined || acceptLines(exchange).includes(found.mediaType)) return false;
        await reply(exchange, 200, { 'content-type': SCHEMA_1 }, Buffer.from('{"schemaVersion":1}'));
        return true;
      },
    });
    onTestFinished(() => registry[Symbol.asyncDispose]());
    await registry.seed('team/app', image, 'v1');
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    expect(await repository.resolve('v1')).toEqual(image.root);
    expect(await repository.has(image.root)).toBe(true);
    expect(await readContent(repository, image.root)).toHaveLength(image.root.size);
  });
});

function acceptLines({ request: { rawHeaders } }: Exchange): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'accept',
  );
}
