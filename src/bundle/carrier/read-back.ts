import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { quote } from '../../internal/quote.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Fetcher, Repository, WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';

/** Where a carrier was pushed to, and what it is made of. */
export interface ReadBack {
  readonly to: Repository;
  /** As the user gave it, for messages. */
  readonly reference: string;
  /** Each once; manifests behind what they are made of. */
  readonly contents: readonly Descriptor[];
  /** Has the right content. */
  readonly from: Fetcher;
}

export interface ReadBackOptions extends WaitOptions {
  readonly concurrency: number;
  /** Called with the number of bytes that were read. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Reads all of a carrier from its repository, and sends again what is damaged or gone: that a registry says it has a blob
 * does not say in what state. Returns the content that was sent again.
 *
 * @throws `ProblemsError` `ERR_TARGET_REFUSED` when the registry keeps what is damaged: Docker's registry takes no content
 * under a digest that it has; what the repository throws
 */
export async function readBack(
  { to, reference, contents, from }: ReadBack,
  options: ReadBackOptions,
): Promise<readonly Descriptor[]> {
  const { concurrency, signal, onBytes } = options;
  const repaired: Descriptor[] = [];
  const kept: SaddlebagError[] = [];
  await mapConcurrently(contents, concurrency, async (target) => {
    if ((await faultOf(target, to, { signal, onBytes })) === undefined) return;
    await to.push(target, from, { signal });
    const fault = await faultOf(target, to, { signal });
    if (fault === undefined) repaired.push(target);
    else kept.push(fault);
  });
  if (kept.length > 0) throw keepsDamage(reference, kept);
  return repaired;
}

/** Returns what is wrong with content as the registry sends it. */
async function faultOf(
  target: Descriptor,
  to: Repository,
  { signal, onBytes }: Pick<ReadBackOptions, 'signal' | 'onBytes'>,
): Promise<SaddlebagError | undefined> {
  try {
    for await (const chunk of verified(to.fetch(target, { signal }), target)) onBytes?.(chunk.length);
    return undefined;
  } catch (error) {
    const isAbout = (['ERR_DIGEST_MISMATCH', 'ERR_SIZE_MISMATCH', 'ERR_UPSTREAM_NOT_FOUND'] as const).some(
      (code) => isSaddlebagError(error, code),
    );
    if (isAbout && isSaddlebagError(error)) return error;
    throw error;
  }
}

function keepsDamage(reference: string, problems: readonly SaddlebagError[]): ProblemsError {
  return new ProblemsError(
    'ERR_TARGET_REFUSED',
    `Cannot push to ${quote(reference)}: the registry keeps ${formatCount(problems.length, 'damaged blob')}, and takes no other content for a digest that it has`,
    {
      problems,
      hint: 'Remove them from the storage of the registry (Docker’s has each under "blobs/sha256"), and push again.',
    },
  );
}
