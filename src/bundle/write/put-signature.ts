import type { Archive } from '../../archive/archive.ts';
import { openArchive } from '../../archive/open.ts';
import { openOverwrites, overwritesFor } from '../../archive/overwrite.ts';
import { equalBytes } from '../../internal/bytes.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { changedVolumeSums } from '../volumes/changed-sums.ts';
import { LAYOUT } from '../format/layout.ts';
import type { BundlePlan } from '../plan/plan.ts';
import { unsigned } from '../format/signature-lines.ts';
import { readSignatureFile } from '../signing/read.ts';
import { storeVolumeSums } from '../volumes/sums.ts';
import { openKeptSignature } from '../parity/keep.ts';
import { dropUndo, keepUndo } from '../volumes/undo.ts';

/**
 * Replaces `bundle.json.sig` of a bundle, in place. Half a signature, after a power cut in the middle of it, matches no key.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` before anything is changed; `ERR_DISK_FAILED`, `ERR_ARCHIVE_INVALID`,
 * `ERR_CONTENT_NOT_FOUND` when the bundle has no place for it, `ERR_INTERRUPTED`
 */
export async function putSignature(
  archive: Archive,
  bytes: Uint8Array,
  options: WaitOptions = {},
): Promise<void> {
  const overwrites = await overwritesFor(archive, LAYOUT.signature, bytes);
  await using files = await openOverwrites(overwrites);
  await using parity = await openKeptSignature(archive, overwrites);
  const lists = await changedVolumeSums(overwrites, options);
  // A half-done write was recorded when it began.
  for (const { base, isHalfDone } of lists) if (!isHalfDone) await keepUndo(base, overwrites);
  await files.write();
  for (const { base, sums } of lists) await storeVolumeSums(base, sums);
  for (const { base } of lists) await dropUndo(base);
  await parity.write();
}

/**
 * Gives a complete bundle the signature that its plan has. The run that wrote it may have had another key,
 * or none, than the run that finds it complete. Throws as {@link putSignature}.
 */
export async function settleSignature(
  plan: BundlePlan,
  options: WaitOptions & { readonly path: string },
): Promise<void> {
  const wanted =
    plan.files.find(({ path }) => path === LAYOUT.signature)?.bytes ?? unsigned(plan.document.signatureRoom);
  await using archive = await openArchive(options.path);
  const found = await readSignatureFile(archive, options);
  if (!equalBytes(found, wanted)) await putSignature(archive, wanted, options);
}
