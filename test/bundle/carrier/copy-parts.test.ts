import { describe, expect, it } from 'vitest';
import { copyParts } from '../../../src/bundle/carrier/copy-parts.ts';
import { type EncodedCarrier, encodeCarrier } from '../../../src/bundle/carrier/layout.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { COUNT_LIMIT } from '../../../src/oci/graph.ts';
import { isManifestType } from '../../../src/oci/media-type.ts';
import type { Fetcher } from '../../../src/oci/roles.ts';
import { type StrictRepository, strictRepository } from '../../support/registry/strict-repository.ts';
import { thrownBy } from '../../support/thrown.ts';

function carrierOf(count: number, layers?: number): EncodedCarrier {
  const files = Array.from({ length: count }, (_, at) => {
    const digest = digestOf(`file ${at}`);
    return { path: blobPath(digest), digest, size: `file ${at}`.length };
  });
  return encodeCarrier(files, { root: digestOf('bundle'), name: 'lab', form: 'artifact', layers });
}

function fetcherOf({ documents }: EncodedCarrier): Fetcher {
  return { fetch: ({ digest }) => streamOf(documents.get(digest) ?? Buffer.from('a file')) };
}

/** One that has all files. */
function havingFiles(): StrictRepository {
  const to = strictRepository();
  return { ...to, has: async ({ mediaType }) => !isManifestType(mediaType) };
}

describe('the parts of a carrier', () => {
  it('are copied where there are more files than one graph may have pieces', async () => {
    const carrier = carrierOf(COUNT_LIMIT + 500);
    const pushed: string[] = [];
    const to = { ...havingFiles(), push: async ({ digest }: { digest: string }) => void pushed.push(digest) };
    await copyParts(carrier, { from: fetcherOf(carrier), to });
    const manifests = [...carrier.parts, carrier.root];
    expect(pushed.toSorted()).toEqual(manifests.map(({ digest }) => digest).toSorted());
    expect(pushed.at(-1)).toBe(carrier.root.digest);
    expect(carrier.parts.length).toBe(Math.ceil((COUNT_LIMIT + 500) / 400));
  });

  it('stop together, and the first failure is told', async () => {
    const carrier = carrierOf(100, 5);
    const refused = carrier.parts.slice(2, 3);
    const to = strictRepository({ refuses: refused });
    const error = await thrownBy(copyParts(carrier, { from: fetcherOf(carrier), to }));
    expect(error.code).toBe('ERR_REGISTRY_FAILED');
    const count = to.pushed.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(to.pushed.length).toBe(count);
    expect(count).toBeLessThan(60);
  });

  it('stop with the signal', async () => {
    const carrier = carrierOf(100, 5);
    const stop = new AbortController();
    const before = async (): Promise<void> => stop.abort();
    const copy = copyParts(carrier, {
      from: fetcherOf(carrier),
      to: strictRepository({ before }),
      signal: stop.signal,
    });
    expect((await thrownBy(copy)).code).toBe('ERR_INTERRUPTED');
  });
});
