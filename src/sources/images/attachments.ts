import { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Attachment, Repository, WaitOptions } from '../../oci/roles.ts';
import type { ReferencePin } from '../../spec/lock/lock.ts';

/** More than this belongs to no image: whoever lists more wants to fill a disk. */
const LIMIT = 100;

/**
 * Returns what a repository keeps beside a manifest, in an order of its own.
 *
 * @throws `ERR_DOCUMENT_INVALID` when that is too much; what the repository throws
 */
export async function attachmentsOf(
  repository: Repository,
  digest: Digest,
  options: WaitOptions = {},
): Promise<readonly Attachment[]> {
  const found = (await repository.attachments?.(digest, options)) ?? [];
  if (found.length > LIMIT)
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot take along what belongs to "${digest}": that are ${found.length} things, and ${LIMIT} are allowed`,
      { hint: 'Leave signatures out with "signatures: false".' },
    );
  return found
    .map(({ descriptor, ...rest }) => ({ ...rest, descriptor: bare(descriptor) }))
    .sort((left, right) => compareText(orderOf(left), orderOf(right)));
}

function orderOf({ tag = '', descriptor }: Attachment): string {
  return `${tag} ${descriptor.digest}`;
}

/** Returns the name that an attachment of `subject` has in a lock; a referrer's tells whose it is by the tag. */
export function lockedName(reference: Reference, subject: Digest, { tag, descriptor }: Attachment): string {
  const { registry, repository } = reference;
  const named = tag === undefined ? { tag: `sha256-${hexOf(subject)}`, digest: descriptor.digest } : { tag };
  return formatReference({ registry, repository, ...named });
}

/** Returns the attachments of `subject` that a lock knows. */
export function attachmentsIn(
  references: ReadonlyMap<string, ReferencePin | null>,
  { registry, repository }: Reference,
  subject: Digest,
): readonly Attachment[] {
  const prefix = `${registry}/${repository}:sha256-${hexOf(subject)}`;
  return [...references].flatMap(([name, descriptor]): Attachment[] => {
    const rest = name.slice(prefix.length);
    if (!name.startsWith(prefix) || descriptor === null) return [];
    if (rest.startsWith('@') && isDigest(rest.slice(1))) return [{ descriptor }];
    const { tag } = parseReference(name);
    return rest.startsWith('.') && tag !== undefined ? [{ tag, descriptor }] : [];
  });
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
