import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Bundle } from '../bundle.ts';
import type { CheckResult } from './check.ts';
import type { BlobRef } from '../format/document.ts';

/** Items named for one blob: a base layer may be in hundreds. */
const NAMED = 3;

/** Returns the error for a blob that a delta counts on and that is nowhere, with the items it is missing from. */
export function absentBlob(
  { digest, size }: BlobRef,
  { parts, supply }: Pick<CheckResult, 'parts' | 'supply'>,
): SaddlebagError {
  const users = [...(parts ?? [])].filter(([, digests]) => digests.has(digest));
  const names = users.slice(0, NAMED).map(([{ kind, name }]) => `${kind} ${quote(name)}`);
  const more = users.length > NAMED ? ` and ${formatCount(users.length - NAMED, 'more item')}` : '';
  const owner = names.length === 0 ? '' : ` of ${names.join(', ')}${more}`;
  const damaged = supply.damagedIn.get(digest)?.map((base) => quote(base.name)) ?? [];
  const fact =
    damaged.length === 0 ? 'it is nowhere to be found' : `it is damaged in ${damaged.join(' and ')}`;
  return new SaddlebagError(
    'ERR_BASE_MISSING',
    `Cannot find blob "${digest}" (${formatBytes(size)})${owner}: ${fact}`,
  );
}

/** Returns the error for a delta that lacks `blobs`, each with its items, and says where they were left out for. */
export function baseMissing(
  bundle: Bundle,
  blobs: readonly BlobRef[],
  checked: Pick<CheckResult, 'parts' | 'supply'>,
): ProblemsError {
  const { requires } = bundle.document;
  const base =
    requires === undefined ? 'a bundle that has them' : `bundle ${quote(requires.name)} (${requires.root})`;
  return new ProblemsError(
    'ERR_BASE_MISSING',
    `Cannot use delta ${quote(bundle.path)}: ${formatCount(blobs.length, 'blob')} it counts on ${blobs.length === 1 ? 'is' : 'are'} missing`,
    {
      problems: blobs.map((blob) => absentBlob(blob, checked)),
      hint: `Nothing was changed. Give ${base} with --base, or build a bundle without --since.`,
    },
  );
}
