import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import type { RequestKind } from '../../support/registry/request-log.ts';
import { thrownBy } from '../../support/thrown.ts';

const bytes = Buffer.from('content');
const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
const FULL = /^There is no room for it at "127\.0\.0\.1:\d+": have its quota or its disk enlarged/;

/** Pushes a blob to a registry that refuses a kind of request, and returns the hint. */
async function hintOf(
  { on = 'POST upload', status }: { readonly on?: RequestKind; readonly status: number },
  message: string,
): Promise<string | undefined> {
  const body = { errors: [{ code: 'DENIED', message }] };
  await using registry = await startRegistry({
    faults: [{ on, times: 99, action: { type: 'status', status, body } }],
  });
  await using client = openTestClient();
  const repository = client.open(registry.host).repository('team/app');
  return (await thrownBy(repository.push(blob, { fetch: () => streamOf(bytes) }))).hint;
}

describe('the hint for a refusal', () => {
  it.each([
    [403, 'Quota exceeded when processing the request of adding 1 MiB of storage resource'],
    [
      412,
      'adding 40.0 MiB of storage resource, which when updated to 1.0 GiB will exceed the configured upper limit of 1.0 GiB',
    ],
    [403, 'storage quota for the namespace has been reached'],
    [413, 'repository quota exceeded'],
    [500, 'write /var/lib/registry: no space left on device'],
    [507, 'Insufficient Storage'],
  ])('says of a full registry that there is no room, by %i and “%s”', async (status, message) => {
    expect(await hintOf({ status }, message)).toMatch(FULL);
    expect(await hintOf({ on: 'PUT upload', status }, message)).toMatch(FULL);
  });

  it.each([
    [403, 'requested access to the resource is denied', /^No credentials are known/],
    [403, 'quotation marks are not allowed in names', /^No credentials are known/],
    [413, 'request entity too large', /client_max_body_size/],
    [400, 'the quota of your patience', /^no hint$/],
  ])('says nothing of room for %i and “%s”', async (status, message, hint) => {
    expect((await hintOf({ status }, message)) ?? 'no hint').toMatch(hint);
  });
});
