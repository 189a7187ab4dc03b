import { describe, expect, it } from 'vitest';
import { collectBytes } from '../../src/internal/bytes.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { Fetcher } from '../../src/oci/roles.ts';
import { sharedFetcher } from '../../src/oci/shared-fetcher.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';

const MIB = 1024 * 1024;

describe('a shared fetcher', () => {
  it.each([0, 1, 1000, 9 * MIB])('reads %i bytes once for two who read side by side', async (size) => {
    const { source, target, bytes } = sampleOf(size);
    const shared = sharedFetcher(source);
    const both = await Promise.all([read(shared, target), read(shared, target)]);
    expect(both.map((found) => digestOf(found))).toEqual([digestOf(bytes), digestOf(bytes)]);
    expect(source.opened).toBe(1);
  });

  it('makes a reader that is ahead wait, and keeps no more than a window', async () => {
    const { source, target } = sampleOf(9 * MIB);
    const shared = sharedFetcher(source);
    const [slow, quick] = [streamOf(shared, target), streamOf(shared, target)];
    await slow.next();
    let ahead = 0;
    const rest = (async () => {
      for (let each = await quick.next(); each.done !== true; each = await quick.next())
        ahead += each.value.length;
    })();
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    expect(ahead).toBeLessThan(6 * MIB);
    let behind = 0;
    for (let each = await slow.next(); each.done !== true; each = await slow.next())
      behind += each.value.length;
    await rest;
    expect(ahead).toBe(9 * MIB);
    expect(behind).toBe(9 * MIB - PIECE);
    expect(source.opened).toBe(1);
  });

  it('lets the others go on when one leaves', async () => {
    const { source, target, bytes } = sampleOf(9 * MIB);
    const shared = sharedFetcher(source);
    const leaving = streamOf(shared, target);
    await leaving.next();
    const staying = read(shared, target);
    await leaving.return(undefined);
    expect(digestOf(await staying)).toBe(digestOf(bytes));
    expect(source.opened).toBe(1);
  });

  it('lets the source go when all have left, and opens it again for the next', async () => {
    const { source, target, bytes } = sampleOf(9 * MIB);
    const shared = sharedFetcher(source);
    const only = streamOf(shared, target);
    await only.next();
    await only.return(undefined);
    expect(source.open).toBe(0);
    expect(digestOf(await read(shared, target))).toBe(digestOf(bytes));
    expect(source.opened).toBe(2);
  });

  it('has a small blob still for one who comes a little later', async () => {
    const { source, target } = sampleOf(1000);
    const shared = sharedFetcher(source);
    await read(shared, target);
    await read(shared, target);
    expect(source.opened).toBe(1);
  });

  it('reads a large blob again for one who comes too late', async () => {
    const { source, target, bytes } = sampleOf(9 * MIB);
    const shared = sharedFetcher(source);
    await read(shared, target);
    expect(digestOf(await read(shared, target))).toBe(digestOf(bytes));
    expect(source.opened).toBe(2);
  });

  it('reads a large blob again for one who asks in time and starts too late', async () => {
    const { source, target, bytes } = sampleOf(9 * MIB);
    const shared = sharedFetcher(source);
    const late = shared.fetch(target);
    await read(shared, target);
    expect(digestOf(await read({ fetch: () => late }, target))).toBe(digestOf(bytes));
    expect(source.opened).toBe(2);
  });

  it('tells all of a failure, and tries again for the next', async () => {
    const { target } = sampleOf(1000);
    let opened = 0;
    const shared = sharedFetcher({
      fetch: async function* () {
        opened += 1;
        yield Buffer.from('beginning');
        throw new Error('the stick was pulled out');
      },
    });
    const both = await Promise.allSettled([read(shared, target), read(shared, target)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(read(shared, target)).rejects.toThrow('the stick was pulled out');
    expect(opened).toBe(2);
  });

  it('reads separately for one who starts in the middle', async () => {
    const { source, target, bytes } = sampleOf(1000);
    const shared = sharedFetcher(source);
    const found = await read({ fetch: () => shared.fetch(target, { offset: 400 }) }, target);
    expect(digestOf(found)).toBe(digestOf(bytes.subarray(400)));
  });
});

const PIECE = 64 * 1024;

interface Counted extends Fetcher {
  opened: number;
  open: number;
}

function sampleOf(size: number): {
  readonly source: Counted;
  readonly target: Descriptor;
  readonly bytes: Uint8Array;
} {
  const bytes = incompressibleBytes('shared', size);
  const source: Counted = {
    opened: 0,
    open: 0,
    fetch: async function* (_target, { offset = 0 } = {}) {
      source.opened += 1;
      source.open += 1;
      try {
        for (let at = offset; at < size; at += PIECE) yield bytes.subarray(at, Math.min(at + PIECE, size));
      } finally {
        source.open -= 1;
      }
    },
  };
  return { source, bytes, target: { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size } };
}

function streamOf(fetcher: Fetcher, target: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = fetcher.fetch(target);
  return (async function* () {
    yield* stream;
  })();
}

async function read(fetcher: Fetcher, target: Descriptor): Promise<Uint8Array> {
  const onExcess = (): Error => new Error('too long');
  return await collectBytes(fetcher.fetch(target), { limit: 16 * MIB, onExcess });
}
