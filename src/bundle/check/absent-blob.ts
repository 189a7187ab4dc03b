import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Bundle } from '../bundle.ts';
import type { CheckResult } from './check.ts';
import type { Problem } from './report.ts';
import type { BlobRef } from '../format/document.ts';
import { blobPath } from '../format/layout.ts';
import { ofOwners } from '../plan/owned.ts';

/** At most this many blobs are named one by one. */
const TOLD = 100;

/** Returns the error for a blob that a delta counts on and that is nowhere, with the items it is missing from. */
function absentBlob(
  { digest, size }: BlobRef,
  { owners, supply }: Pick<CheckResult, 'owners' | 'supply'>,
): SaddlebagError {
  const owner = ofOwners(owners.of(digest));
  const damaged = supply.damagedIn.get(digest)?.map((base) => quote(base.name)) ?? [];
  const fact =
    damaged.length === 0 ? 'it is nowhere to be found' : `it is damaged in ${damaged.join(' and ')}`;
  return new SaddlebagError(
    'ERR_BASE_MISSING',
    `Cannot find blob "${digest}" (${formatBytes(size)})${owner}: ${fact}`,
  );
}

/**
 * Returns a problem for each of some blobs that are nowhere; where they are too many, for the first, and one about `whole`, the
 * path of the bundle, that says so.
 */
export function absentProblems(
  blobs: readonly BlobRef[],
  checked: Pick<CheckResult, 'owners' | 'supply'>,
  whole: string,
): readonly Problem[] {
  const told = blobs.slice(0, TOLD).map((blob): Problem => {
    const { code, message } = absentBlob(blob, checked);
    return { code, path: blobPath(blob.digest), message };
  });
  const more = blobs.length - told.length;
  if (more === 0) return told;
  const message = `Cannot list all blobs that are missing: there ${more === 1 ? 'is' : 'are'} ${more} more`;
  return [...told, { code: 'ERR_BASE_MISSING', path: whole, message }];
}

/** Returns the same as errors. */
export function absentBlobs(
  blobs: readonly BlobRef[],
  checked: Pick<CheckResult, 'owners' | 'supply'>,
): readonly SaddlebagError[] {
  return absentProblems(blobs, checked, '').map(({ code, message }) => new SaddlebagError(code, message));
}

/** Returns the error for a delta that lacks `blobs`, each with its items, and says where they were left out for. */
export function baseMissing(
  bundle: Bundle,
  blobs: readonly BlobRef[],
  checked: Pick<CheckResult, 'owners' | 'supply'>,
): ProblemsError {
  const missing = new Set(blobs.map(({ digest }) => digest));
  const bases = (bundle.document.requires ?? []).filter((base) =>
    base.blobs.some(({ digest }) => missing.has(digest)),
  );
  // In the order in which they are listed, which is that in which they are installed.
  const names = bases.map(({ name, root }) => `${quote(name)} (${root})`).join(', then ');
  return new ProblemsError(
    'ERR_BASE_MISSING',
    `Cannot use delta ${quote(bundle.path)}: ${formatCount(blobs.length, 'blob')} it requires ${blobs.length === 1 ? 'is' : 'are'} missing`,
    {
      problems: absentBlobs(blobs, checked),
      hint: `Nothing was changed. Install ${names} first, or give ${bases.length === 1 ? 'it' : 'them'} with --base; or build a bundle without --since.`,
    },
  );
}
