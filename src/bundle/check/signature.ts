import { isSaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { CheckReport } from './report.ts';
import { LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { readSignatures } from '../signing/read.ts';

/** Checks the form of the signature. Only a key can tell whether it is right. */
export async function checkSignature(
  bundle: OpenBundle,
  options: WaitOptions & { readonly report: CheckReport },
): Promise<void> {
  const { report } = options;
  if (!report.isSound(LAYOUT.signature)) return;
  try {
    await readSignatures(bundle.archive, options);
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    report.add(LAYOUT.signature, error);
  }
}
