import { SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';

/**
 * Returns the digest of `name` in a sums file.
 *
 * @throws `ERR_TARGET_REFUSED` when Rancher Desktop would find none, with the reason
 */
export function sumOf(sums: ReadonlyMap<string, Digest>, name: string, sumsName: string): Digest {
  const digest = sums.get(name);
  if (digest !== undefined) return digest;
  const written = [`*${name}`, `./${name}`, `*./${name}`].find((variant) => sums.has(variant));
  const fact =
    written === undefined
      ? `it has no line for "${name}"`
      : `it says "${written}", and Rancher Desktop looks for "${name}"`;
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot use "${sumsName}": ${fact}`, {
    hint: 'Build the bundle again from the files of the K3s release, whose sums file has plain names.',
  });
}
