import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { refuseHtml } from '../../../src/sources/web/html.ts';

async function* inPieces(text: string, size: number): ByteStream {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function pass(text: string, url = 'https://example.com/tool', size = 7): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of refuseHtml(inPieces(text, size), url)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('refuseHtml', () => {
  it.each([
    ['a doctype', '<!DOCTYPE html><html></html>'],
    ['lower case', '<!doctype  html>'],
    ['an html element', '<html lang="en">'],
    ['white space first', '\r\n\t <HTML>'],
    ['a byte order mark', '\uFEFF<!DOCTYPE html>'],
    ['a comment first', '<!-- proxy - 1 -->\n<!DOCTYPE html>'],
    ['a long page', `<!DOCTYPE html>${'x'.repeat(5000)}`],
  ])('refuses a page that begins with %s', async (_, text) => {
    await expect(pass(text)).rejects.toThrow(/answered with an HTML page/);
    await expect(pass(text, undefined, 10_000)).rejects.toThrow(/answered with an HTML page/);
  });

  it.each([
    ['nothing', ''],
    ['a script', '#!/bin/sh\nexit 0\n'],
    ['a list', '<htmlish'],
    ['XML', '<?xml version="1.0"?><html/>'],
    ['a page that begins late', `${' x'.repeat(300)}<!DOCTYPE html>`],
    ['many bytes', 'abcdefghij'.repeat(1000)],
    ['an open comment', '<!-- - - -'.repeat(40)],
  ])('passes %s on as it is', async (_, text) => {
    expect(await pass(text)).toBe(text);
    expect(await pass(text, undefined, 10_000)).toBe(text);
  });

  it('passes a page whose name says that it is one', async () => {
    expect(await pass('<!DOCTYPE html>', 'https://example.com/docs/index.html?x=1')).toBe('<!DOCTYPE html>');
  });

  it('hands nothing on before it has decided', async () => {
    const seen: Uint8Array[] = [];
    await expect(async () => {
      for await (const chunk of refuseHtml(inPieces('<html>', 1), 'https://example.com/x')) seen.push(chunk);
    }).rejects.toThrow(/HTML page/);
    expect(seen).toEqual([]);
  });

  it('leaves the secrets of the address out of its message', async () => {
    await expect(pass('<html>', 'https://me:pw@example.com/x?token=1')).rejects.toThrow(
      /^Cannot fetch "https:\/\/example.com\/x": /,
    );
  });
});
