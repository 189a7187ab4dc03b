import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import { startIntegrityCheck } from './checksum.ts';

/** Digest and size (bytes) of a download. */
export interface Measure {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Reads content from end to end and returns its digest and size. `name` is what messages call it.
 *
 * @throws `ERR_DIGEST_MISMATCH` when it does not match `digest` or `integrity`
 */
export async function readThrough(
  stream: ByteStream,
  name: string,
  expected: { readonly digest?: Digest | undefined; readonly integrity?: string | undefined } = {},
): Promise<Measure> {
  const hash = startDigest();
  const check = expected.integrity === undefined ? undefined : startIntegrityCheck(expected.integrity);
  let size = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    check?.update(chunk);
    size += chunk.length;
  }
  const digest = finishDigest(hash);
  if (expected.digest !== undefined && digest !== expected.digest)
    throw mismatch(name, `expected "${expected.digest}", found "${digest}"`);
  if (check !== undefined && !check.matches())
    throw mismatch(name, `its content is not what its published checksum says`);
  return { digest, size };
}

function mismatch(name: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DIGEST_MISMATCH', `Cannot verify "${name}": ${fact}`, {
    hint: 'The file changed upstream, or something in between changes it. Try again, then ask whoever publishes it.',
  });
}
