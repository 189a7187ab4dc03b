import type { Bundle } from '../../bundle/bundle.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/**
 * Returns what is wrong with the OpenShift releases of a bundle: a release whose signature does not count, or whose documents
 * are not those of its image. What lacks content is passed over: that is told elsewhere, or comes from a base.
 *
 * @throws `ERR_INTERRUPTED`
 */
export async function releaseFaults(
  bundle: Bundle,
  { now, signal }: WaitOptions & { readonly now: number },
): Promise<readonly SaddlebagError[]> {
  const faults: SaddlebagError[] = [];
  for (const item of bundle.document.items) {
    if (item.kind !== 'openshift') continue;
    // Reading releases and proving signatures is much code, and few bundles have a release.
    const { requireTrusted } = await import('./release.ts');
    try {
      await requireTrusted(bundle, item, { now, signal });
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      if (!ELSEWHERE.includes(error.code)) faults.push(error);
    }
  }
  return faults;
}

/**
 * Makes sure that every OpenShift release of a bundle can be trusted, before it is brought to a cluster. `attempted` is what the
 * bundle is wanted for; `install` when left out.
 *
 * @throws `ProblemsError` `ERR_SIGNATURE_INVALID` with every release that cannot
 */
export async function requireTrustedReleases(
  bundle: Bundle,
  options: WaitOptions & { readonly now: number; readonly attempted?: string | undefined },
): Promise<void> {
  const { attempted = 'install' } = options;
  const faults = await releaseFaults(bundle, options);
  if (faults.length === 0) return;
  throw new ProblemsError(
    'ERR_SIGNATURE_INVALID',
    `Cannot ${attempted} "${bundle.path}": ${formatCount(faults.length, 'OpenShift release')} in it cannot be trusted`,
    { problems: faults },
  );
}

/** Content that is damaged or not there; a damaged layer may fail to unpack before its digest is known. */
const ELSEWHERE: readonly string[] = [
  'ERR_CONTENT_NOT_FOUND',
  'ERR_DIGEST_MISMATCH',
  'ERR_SIZE_MISMATCH',
  'ERR_BUNDLE_DAMAGED',
  'ERR_ARCHIVE_INVALID',
];
