import { type Digest, hexOf } from '../../oci/digest.ts';
import type { BundleDocument } from './document.ts';
import { blobPath, LAYOUT } from './layout.ts';

/** Lines that are handed on together. */
const TOGETHER = 400;

/**
 * Returns the bytes of `SHA256SUMS`, which lists every file of the bundle except itself: `bundle.json` with the root digest,
 * then the other files and the blobs as the document orders them. `sha256sum -c` reads it as it is.
 */
export function encodeSums(document: BundleDocument, root: Digest): Uint8Array {
  return Buffer.concat([...sumsText(document, root)].map((text) => Buffer.from(text)));
}

/** Yields the same as text, in pieces of some lines. */
export function* sumsText(document: BundleDocument, root: Digest): Generator<string, undefined, undefined> {
  let lines: string[] = [];
  for (const line of sumLines(document, root)) {
    lines.push(line);
    if (lines.length < TOGETHER) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function* sumLines({ files, blobs }: BundleDocument, root: Digest): Generator<string, void, undefined> {
  yield sumLine(root, LAYOUT.document);
  for (const { path, digest } of files) yield sumLine(digest, path);
  for (const { digest } of blobs) yield sumLine(digest, blobPath(digest));
}

function sumLine(digest: Digest, path: string): string {
  return `${hexOf(digest)}  ${path}\n`;
}
