import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { type PlannedArtifact, planTree } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';
import { LOCAL_FILE } from './pin.ts';
import { scan } from './scan.ts';

/** A file or a folder of this host that a spec names. */
export interface LocalWish {
  /** As it is written in the spec. */
  readonly written: string;
  /** Where it is. */
  readonly path: string;
  /** Name in the bundle. */
  readonly name: string;
  readonly sha256?: string | undefined;
}

/**
 * Returns the item of a file or a folder of this host. All of it is read once now, for its digests, and once more when it is
 * written.
 *
 * @throws what `scan` throws; `ERR_DIGEST_MISMATCH` when it is not what the spec, or the lock, says
 */
export async function resolveLocal(wish: LocalWish, context: SourceContext): Promise<PlannedItem> {
  const { written, path, name, sha256 } = wish;
  const tree = await scan(path, { name, written, signal: context.signal });
  const artifact = planTree(ARTIFACT_TYPE.file, tree);
  const { digest, size } = artifact.descriptor;
  if (size > MANIFEST_LIMIT) throw tooLarge(written);
  if (sha256 !== undefined)
    requireSpec(wish, artifact, tree.files.find((file) => file.name === name)?.descriptor.digest);
  const pinned = await context.ask(LOCAL_FILE, { name, digest });
  if (pinned !== digest) throw movedOn(written, pinned, digest);
  const item = { kind: 'file', name, descriptor: artifact.descriptor, audience: ['files'] } as const;
  return { item, blobs: artifact.blobs };
}

/** A file has its own checksum; a folder that of the manifest it makes. */
function requireSpec(
  { written, sha256 }: LocalWish,
  { descriptor }: PlannedArtifact,
  file: Digest | undefined,
): void {
  const expected = parseDigest(`sha256:${sha256}`);
  const found = file ?? descriptor.digest;
  if (found === expected) return;
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify ${JSON.stringify(written)}: expected "${expected}", found "${found}"`,
    { hint: 'It is not what the spec says: correct the one or the other.' },
  );
}

function movedOn(written: string, was: Digest, is: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot use ${JSON.stringify(written)} as it was locked: its manifest was "${was}", and is "${is}"`,
    { hint: 'It changed since it was locked; "bundle lock SPEC" takes what is there now.' },
  );
}

function tooLarge(written: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot take ${JSON.stringify(written)}: the list of its files is larger than ${formatBytes(MANIFEST_LIMIT)}`,
    { hint: 'Pack it first, for example with tar, and name the archive.' },
  );
}
