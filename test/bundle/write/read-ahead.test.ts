import { describe, expect, it } from 'vitest';
import type { PlannedBlob } from '../../../src/bundle/format/item.ts';
import { readAhead } from '../../../src/bundle/write/read-ahead.ts';
import { type ByteStream, collectBytes, streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';

const MIB = 1024 * 1024;

function blobOf(name: string, size = name.length): PlannedBlob {
  return {
    descriptor: { mediaType: 'application/octet-stream', digest: digestOf(name), size },
    origin: { type: 'url', url: `https://files.test/${name}` },
  };
}

/** A source whose content is the name of the blob, and what was asked of it. */
class Names {
  readonly opened: string[] = [];
  readonly open = (blob: PlannedBlob): ByteStream => {
    const name = blob.origin.type === 'url' ? blob.origin.url.slice('https://files.test/'.length) : '';
    this.opened.push(name);
    if (name === 'bad') throw new Error('bad');
    return streamOf(Buffer.from(name));
  };
}

async function text(stream: ByteStream): Promise<string> {
  return Buffer.from(
    await collectBytes(stream, { limit: 100, onExcess: () => new Error('long') }),
  ).toString();
}

describe('reading ahead', () => {
  it('fetches the next few small blobs while one is read, each once', async () => {
    const [names, blobs] = [new Names(), ['a', 'b', 'c', 'd', 'e'].map((name) => blobOf(name))];
    const source = readAhead(names, blobs, { concurrency: 3 });
    const found: string[] = [];
    const opened: string[][] = [];
    for (const blob of blobs) {
      found.push(await text(source.open(blob, {})));
      opened.push([...names.opened]);
    }
    expect(found).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(opened[0]).toEqual(['a', 'b', 'c']);
    expect(names.opened).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('leaves large blobs until their turn', async () => {
    const blobs = [blobOf('a'), blobOf('large', 5 * MIB), blobOf('c')];
    const names = new Names();
    const source = readAhead(names, blobs, { concurrency: 3 });
    await text(source.open(blobOf('a'), {}));
    expect(names.opened).toEqual(['a', 'c']);
  });

  it('tells of a failure when the turn of the blob comes, and not before', async () => {
    const blobs = ['a', 'bad', 'c'].map((name) => blobOf(name));
    const source = readAhead(new Names(), blobs, { concurrency: 3 });
    const [first, second, third] = blobs.map((blob) => () => text(source.open(blob, {})));
    expect(await first?.()).toBe('a');
    await expect(second?.()).rejects.toThrow('bad');
    expect(await third?.()).toBe('c');
  });

  it('asks again for a blob that is asked for twice, or from somewhere in it', async () => {
    const [names, blobs] = [new Names(), [blobOf('a'), blobOf('b')]];
    const source = readAhead(names, blobs, { concurrency: 2 });
    for (const offset of [0, 0, 1]) await text(source.open(blobOf('a'), { offset }));
    expect(names.opened.filter((name) => name === 'a')).toHaveLength(3);
  });

  it('holds no more of a blob than a chunk beyond what it should have', async () => {
    let given = 0;
    const flood = {
      async *open(): ByteStream {
        for (;;) {
          given += 1;
          yield Buffer.alloc(10);
        }
      },
    };
    const source = readAhead(flood, [blobOf('a', 25), blobOf('b', 25)], { concurrency: 2 });
    for await (const _ of source.open(blobOf('a', 25), {})) if (given > 100) break;
    expect(given).toBeLessThan(10);
  });
});
