import { describe, expect, it } from 'vitest';
import { type ByteStream, collectBytes, streamOf } from '../../src/internal/bytes.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { fetchDocument, passedOn, verified } from '../../src/oci/verified.ts';

const text = 'every byte counts';
const expected: Descriptor = { mediaType: 'text/plain', digest: digestOf(text), size: text.length };
const read = async (content: ByteStream): Promise<string> =>
  Buffer.from(
    await collectBytes(verified(content, expected), { limit: 1000, onExcess: () => new Error('excess') }),
  ).toString();

async function* chunks(...parts: string[]): ByteStream {
  for (const part of parts) yield Buffer.from(part);
}

describe('verified', () => {
  it('passes the right content on unchanged, however it is cut', async () => {
    expect(await read(chunks('every', ' byte', '', ' counts'))).toBe(text);
  });

  it('hashes once what its source verified as the same, and again what it verified as something else', async () => {
    const once = verified(chunks(text), expected);
    expect(verified(once, { digest: expected.digest, size: expected.size })).toBe(once);
    const handedOn = passedOn(streamOf(Buffer.from(text)), once);
    expect(verified(handedOn, expected)).toBe(handedOn);
    const unknown = passedOn(chunks(text), chunks(text));
    expect(verified(unknown, expected)).not.toBe(unknown);
    const other = { digest: digestOf('other'), size: text.length };
    await expect(
      collectBytes(verified(once, other), { limit: 1000, onExcess: () => new Error('excess') }),
    ).rejects.toThrow(expect.objectContaining({ code: 'ERR_DIGEST_MISMATCH' }));
    const longer = verified(verified(chunks(text), expected), {
      digest: expected.digest,
      size: text.length + 1,
    });
    await expect(collectBytes(longer, { limit: 1000, onExcess: () => new Error('excess') })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SIZE_MISMATCH' }),
    );
  });

  it('refuses content that ends early, with both sizes', async () => {
    await expect(read(chunks('every byte'))).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_SIZE_MISMATCH',
        message: expect.stringContaining('expected 17 bytes, found 10'),
      }),
    );
  });

  it('stops a source that sends more than it declared, without reading on', async () => {
    let sent = 0;
    async function* endless(): ByteStream {
      for (;;) {
        sent += 1;
        yield Buffer.from('0123456789');
      }
    }
    await expect(read(endless())).rejects.toThrow(expect.objectContaining({ code: 'ERR_SIZE_MISMATCH' }));
    expect(sent).toBe(2);
  });

  it('refuses content of the right size and the wrong digest, naming both', async () => {
    await expect(read(chunks('every bite counts'))).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_DIGEST_MISMATCH',
        expected,
        found: { size: 17, digest: digestOf('every bite counts') },
      }),
    );
  });
});

describe('fetchDocument', () => {
  const source = { fetch: () => streamOf(Buffer.from(text)) };

  it('returns the verified bytes', async () => {
    expect(Buffer.from(await fetchDocument(source, expected, { limit: 100 })).toString()).toBe(text);
  });

  it('refuses a document over the limit before it asks for a byte', async () => {
    const untouched = {
      fetch: (): ByteStream => {
        throw new Error('asked');
      },
    };
    await expect(fetchDocument(untouched, expected, { limit: 10 })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_DOCUMENT_INVALID' }),
    );
  });
});
