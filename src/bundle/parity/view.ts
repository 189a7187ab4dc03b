import { archiveIn } from '../../archive/open.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import { equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenParity } from '../../parity/file.ts';
import { repairedReader } from '../../parity/overlay.ts';
import type { Scan } from '../../parity/scan.ts';
import type { OpenBundle } from '../bundle.ts';
import { readBundle } from '../open.ts';
import { judgeSignature } from '../signing/prove.ts';
import type { Trust } from '../signing/trust.ts';
import type { BesideParity } from './beside.ts';

/** What a repaired bundle can be seen by before a byte of it is written. */
export interface Views extends WaitOptions {
  readonly beside: BesideParity;
  readonly data: ByteReader;
  readonly scan: Scan;
  readonly trust: Trust | undefined;
}

/** Returns the bundle as it will be. Throws as `readBundle`, and `ERR_PARITY_INVALID` when it is not the one it should be. */
export async function repairedView(
  { beside, data, scan, trust, signal }: Views,
  kept: boolean,
): Promise<OpenBundle> {
  const { base, parity } = beside;
  const reader = repairedReader(data, parity, { scan, kept, signal });
  const bundle = await readBundle(await archiveIn(reader, base), { path: base, trust, signal });
  if (bundle.root === parity.head.root) return bundle;
  throw new SaddlebagError(
    'ERR_PARITY_INVALID',
    `Cannot use parity file "${parity.path}": it names root ${parity.head.root}, and gives ${bundle.root}`,
    { hint: 'Delete it, and make a new one from an intact bundle with "bundle parity".' },
  );
}

/**
 * A signature on the disk may be newer than the one that the parity file keeps, when signing was killed in between; so that one
 * is taken only where the one on the disk is wrong. Returns whether it is.
 */
export async function needsKeptBytes(views: Views): Promise<boolean> {
  const { parity } = views.beside;
  try {
    const { signature } = await judgeSignature(await repairedView(views, false), { signal: views.signal });
    if (signature !== 'wrong') return false;
  } catch (error) {
    const isTouched = await differsFromKept(views.data, parity);
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED' || !isTouched) throw error;
  }
  await repairedView(views, true);
  return true;
}

async function differsFromKept(data: ByteReader, { head }: OpenParity): Promise<boolean> {
  for (const { position, bytes } of head.volatile) {
    if (!equalBytes(await data.read(position, bytes.length), bytes)) return true;
  }
  return false;
}
