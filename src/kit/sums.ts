import { type Digest, hexOf, isDigest } from '../oci/digest.ts';
import { compareText } from '../internal/order.ts';
import type { KitFile } from './file.ts';

/** A path of ours: no drive, no way out. */
const PATH = /^(?!\.{1,2}(?:\/|$))[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/;

/** Returns the `SHA256SUMS` of a kit, which `sha256sum -c` reads. */
export function encodeKitSums(files: readonly Pick<KitFile, 'path' | 'digest'>[]): string {
  const lines = files.map(({ path, digest }) => `${hexOf(digest)}  ${path}\n`);
  return lines.toSorted((left, right) => compareText(left.slice(66), right.slice(66))).join('');
}

/** Returns the digests in the `SHA256SUMS` of a kit by path, or `undefined` when it is not one. */
export function parseKitSums(text: string): ReadonlyMap<string, Digest> | undefined {
  const sums = new Map<string, Digest>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    const [, hex = '', path = ''] = /^([0-9a-f]{64})  (.+)$/.exec(line) ?? [];
    const digest = `sha256:${hex}`;
    if (!isDigest(digest) || !PATH.test(path) || sums.has(path)) return undefined;
    sums.set(path, digest);
  }
  return sums;
}
