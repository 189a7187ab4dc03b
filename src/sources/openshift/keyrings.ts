import { open } from 'node:fs/promises';
import { factOf } from '../../disk/errno.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type PublicKey, readPublicKeys } from '../../internal/openpgp/public-key.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { PartFiles } from '../../spec/part.ts';

/** A keyring that the spec names. */
export interface Keyring {
  readonly bytes: Uint8Array;
  readonly keys: readonly PublicKey[];
}

/** Largest file that is read (bytes). */
const LIMIT = 1024 * 1024;

/**
 * Returns the keyrings that a spec names.
 *
 * @throws `ProblemsError` with every file that cannot be read, or is no keyring
 */
export async function readKeyrings(paths: readonly string[], files: PartFiles): Promise<readonly Keyring[]> {
  const tasks = paths.map(async (written, index) => {
    const bytes = await readKeyring(
      written,
      files.pathOf(written),
      files.placeOf(['openshift', 'keys', index]),
    );
    return { bytes, keys: readPublicKeys(bytes, `"${written}"`) };
  });
  return await collectProblems(tasks, {
    code: 'ERR_KEY_INVALID',
    message: () => 'Cannot read the keys of the spec',
  });
}

async function readKeyring(written: string, path: string, place: string): Promise<Uint8Array> {
  const cannot = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_SPEC_INVALID', `Cannot read keyring ${JSON.stringify(written)}: ${fact}`, {
      hint: `It is named at ${place}.`,
      cause,
    });
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > LIMIT) throw cannot(`it has ${size} bytes, and ${LIMIT} are allowed`);
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    throw cannot(factOf(cause), cause);
  }
}
