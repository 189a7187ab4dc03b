import { describe, expect, it } from 'vitest';
import { type ByteStream, streamOf } from '../../src/internal/bytes.ts';
import { interrupted } from '../../src/internal/interrupt.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { DocumentCache, keepingWhole } from '../../src/oci/documents.ts';
import { MANIFEST_LIMIT } from '../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { Fetcher } from '../../src/oci/roles.ts';
import { fetchDocument } from '../../src/oci/verified.ts';

describe('DocumentCache', () => {
  it('reads a document once, for those who ask at once and for those who come later', async () => {
    const { get, reads } = open(100);
    await Promise.all([get('a', 10), get('a', 10)]);
    await get('a', 10);
    expect(reads).toEqual(['a']);
  });

  it('keeps no more than it has room for: what was used longest ago goes first', async () => {
    const { get, reads } = open(100);
    for (const name of ['a', 'b', 'c']) await get(name, 40);
    await get('c', 40);
    await get('b', 40);
    await get('d', 40);
    await get('b', 40);
    expect(reads.join('')).toBe('abcd');
    await get('c', 40);
    await get('a', 40);
    expect(reads.join('')).toBe('abcdca');
  });

  it('gives what is larger than all of its room, and keeps nothing of it', async () => {
    const { get, reads } = open(100);
    expect(await get('a', 200)).toHaveLength(200);
    await get('a', 200);
    expect(reads.join('')).toBe('aa');
  });

  it('asks again for what failed', async () => {
    const cache = new DocumentCache();
    const digest = digestOf('a');
    const failing = cache.get(digest, async () => await Promise.reject(new Error('no')));
    const joined = cache.get(digest, async () => new Uint8Array(1));
    await expect(failing).rejects.toThrow('no');
    await expect(joined).rejects.toThrow('no');
    expect(await cache.get(digest, async () => new Uint8Array(1))).toHaveLength(1);
  });

  it('lets the one who waited for an interrupted reader read for itself', async () => {
    const cache = new DocumentCache();
    const digest = digestOf('a');
    const stopped = cache.get(digest, async () => await Promise.reject(interrupted()));
    const joined = cache.get(digest, async () => new Uint8Array(3));
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(await joined).toHaveLength(3);
  });

  it('gives nothing to an interrupted reader', async () => {
    const { cache, get } = open(100);
    await get('a', 10);
    const signal = AbortSignal.abort();
    await expect(cache.get(digestOf('a'), async () => new Uint8Array(), { signal })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
  });
});

describe('a fetcher that keeps documents', () => {
  const bytes = Buffer.from('{"schemaVersion":2}');
  const target = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length };

  it('is asked for them by all who want one, and reads each once', async () => {
    const { fetcher, reads } = keeper(() => bytes);
    for (let time = 0; time < 3; time++)
      expect(await fetchDocument(fetcher, target, { limit: MANIFEST_LIMIT })).toEqual(bytes);
    expect(reads).toEqual([target.digest]);
  });

  it('keeps nothing that is not what its descriptor says', async () => {
    let content = Buffer.from('{"schemaVersion":3}');
    const { fetcher } = keeper(() => content);
    const wanted = fetchDocument(fetcher, target, { limit: MANIFEST_LIMIT });
    await expect(wanted).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
    content = bytes;
    expect(await fetchDocument(fetcher, target, { limit: MANIFEST_LIMIT })).toEqual(bytes);
  });

  it('gives nothing under another size than it has', async () => {
    const { fetcher } = keeper(() => bytes);
    await fetchDocument(fetcher, target, { limit: MANIFEST_LIMIT });
    for (const size of [bytes.length - 1, bytes.length + 1])
      await expect(
        fetchDocument(fetcher, { ...target, size }, { limit: MANIFEST_LIMIT }),
      ).rejects.toMatchObject({ code: 'ERR_SIZE_MISMATCH' });
  });
});

interface Opened {
  readonly cache: DocumentCache;
  readonly get: (name: string, size: number) => Promise<Uint8Array>;
  readonly reads: string[];
}

function open(limit: number): Opened {
  const cache = new DocumentCache(limit);
  const reads: string[] = [];
  const get = async (name: string, size: number): Promise<Uint8Array> =>
    await cache.get(digestOf(name), async () => {
      reads.push(name);
      await Promise.resolve();
      return new Uint8Array(size);
    });
  return { cache, get, reads };
}

function keeper(content: () => Uint8Array): { fetcher: Fetcher; reads: string[] } {
  const reads: string[] = [];
  const fetch = (target: Descriptor): ByteStream => {
    reads.push(target.digest);
    return streamOf(content());
  };
  return { fetcher: { fetch, fetchWhole: keepingWhole(fetch) }, reads };
}
