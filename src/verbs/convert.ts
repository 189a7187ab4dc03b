import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseVolumeName } from '../archive/volumes/volumes.ts';
import { openBundle } from '../bundle/open.ts';
import { blobsOf, planFromBundle } from '../bundle/write/plan-from-bundle.ts';
import type { Progress } from '../bundle/write/progress.ts';
import { type Form, shapeFor } from '../bundle/shape.ts';
import { writeBundle } from '../bundle/write/write.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Digest } from '../oci/digest.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** A stick reads best from its front to its back: one blob is read while another is written, and no more. */
const CONCURRENCY = 2;

/** What a user wants converted, and to what. */
export interface ConvertWish {
  /** The bundle. */
  readonly path: string;
  /** Path of the public key that must have signed it, in place of any that is trusted on this host. */
  readonly key?: string | undefined;
  /** Where the converted bundle is to be. */
  readonly out: string;
  /** Its form; that of its name when left out. */
  readonly form?: Form | undefined;
  /** Size of the largest file it may consist of (bytes). */
  readonly volumeSize?: number | undefined;
}

export interface ConvertResult {
  /** The same as before. */
  readonly root: Digest;
  /** What to give to whoever reads the bundle: of volumes the first. */
  readonly path: string;
  readonly form: Form;
  /** Of the whole output (bytes). */
  readonly bytes: number;
  /** How many things in the user's terms. */
  readonly items: number;
  readonly blobs: number;
  readonly seconds: number;
}

/**
 * Writes the bundle at `path` again in another shape. Every byte is verified on its way; the head and its signature stay as
 * they are, and so does the root digest. No network is needed. A conversion that was stopped continues where it was.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID` when the bundle cannot be opened;
 * `ERR_USAGE_INVALID` when one of the two lies in the other; what `planFromBundle` and `writeBundle` throw
 */
export async function convertBundle(
  wish: ConvertWish,
  surroundings: Surroundings,
  ears: Ears<Progress> = {},
): Promise<ConvertResult> {
  const started = performance.now();
  const { path, out } = wish;
  const { onProgress, onFinding, signal } = ears;
  const shape = shapeFor(out, wish);
  const trust = await trustedKeys(wish.key, surroundings, { signal });
  await using bundle = await openBundle(path, { signal, trust });
  await refuseOverlap(path, out);
  const plan = await planFromBundle(bundle, { signal });
  const {
    root,
    bytes,
    blobs,
    path: result,
  } = await writeBundle(plan, blobsOf(bundle), {
    path: out,
    shape,
    concurrency: CONCURRENCY,
    onProgress,
    onFinding,
    signal,
  });
  return {
    root,
    path: result,
    form: shape.form,
    bytes,
    items: plan.document.items.length,
    blobs,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What is read must not be replaced, and must not grow, while it is read. */
async function refuseOverlap(path: string, out: string): Promise<void> {
  const [from, to] = [await placeOf(path), await placeOf(out)];
  const volume = parseVolumeName(basename(from));
  const whole = volume === undefined ? from : join(dirname(from), volume.base);
  if (!isIn(to, from) && !isIn(from, to) && whole !== to) return;
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot convert "${path}" to "${out}": one is in the other`, {
    hint: 'Choose another name for OUT.',
  });
}

/** Returns the path without links; what is not there yet has a folder that is. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    // Whether there is such a folder is found out by whoever writes there.
    return join(await realpath(folder).catch(() => folder), basename(path));
  }
}

function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
