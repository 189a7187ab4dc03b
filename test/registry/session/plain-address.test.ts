import { expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { createAuthority } from '../../support/http/authority.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const image = sampleImage({ name: 'plain' });
const [blob = { descriptor: image.root, bytes: new Uint8Array() }] = image.blobs;

it.each([
  ['is kept on TLS at the host of the registry', '127.0.0.1:9', 'the registry answered'],
  ['is refused at another host', 'localhost:9', 'sends us from https to plain http at "localhost:9"'],
])('an address of plain HTTP for an upload %s', async (_what, host, fact) => {
  await using authority = await createAuthority();
  await using registry = await startRegistry({ tls: await authority.issue(['IP:127.0.0.1']) });
  const headers = { location: `http://${host}/v2/team/app/blobs/uploads/x?_state=0` };
  registry.inject({ on: 'POST upload', times: 99, action: { type: 'status', status: 202, headers } });
  const settings = { mirrors: { [registry.host]: { endpoint: [registry.url] } } };
  await using client = openTestClient({ settings, tls: () => ({ ca: authority.cert }) });
  const repository = client.open(registry.host).repository('team/app');
  const { descriptor, bytes } = blob;
  await expect(repository.push(descriptor, { fetch: () => streamOf(bytes) })).rejects.toMatchObject({
    message: expect.stringContaining(fact),
  });
});
