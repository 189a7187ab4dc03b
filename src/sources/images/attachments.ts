import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Attachment, AttachmentOptions, Repository, WaitOptions } from '../../oci/roles.ts';
import type { ReferencePin } from '../../spec/lock/lock.ts';

/** No real image has more; a longer list is an attempt to fill a disk. */
const LIMIT = 100;

/** Where to look for attachments of a manifest. */
export interface AttachmentPlace {
  /** Host with its port, as in references. */
  readonly host: string;
  readonly repository: Repository;
  /** Returns the verified bytes of a manifest in that repository. */
  readonly document: (target: Descriptor, options?: WaitOptions) => Promise<Uint8Array>;
}

/**
 * Returns what a repository keeps beside a manifest, in a fixed order. Skips whatever is listed but cannot be fetched, or
 * belongs to something else.
 *
 * @throws `ERR_DOCUMENT_INVALID` when there are too many; `ERR_INTERRUPTED`
 */
export async function attachmentsOf(
  place: AttachmentPlace,
  digest: Digest,
  options: AttachmentOptions = {},
): Promise<readonly Attachment[]> {
  const { signal, onDoubt } = options;
  const listed = (await place.repository.attachments?.(digest, options)) ?? [];
  if (listed.length > LIMIT)
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot include what belongs to "${digest}": it has ${listed.length} attachments, more than the ${LIMIT} allowed`,
      { hint: 'Leave signatures out with "signatures: false".' },
    );
  const bare = listed.map(({ tag, descriptor: { mediaType, digest: own, size } }): Attachment => {
    const descriptor = { mediaType, digest: own, size };
    return tag === undefined ? { descriptor } : { tag, descriptor };
  });
  const held = await Promise.all(
    bare.map(async (each) => await belongsTo(each, digest, { place, signal, onDoubt })),
  );
  return bare
    .filter((_, index) => held[index])
    .sort((left, right) => compareText(orderOf(left), orderOf(right)));
}

/** A list may name manifests deleted since, and its tag may hold something that is no list of referrers. */
async function belongsTo(
  { tag, descriptor }: Attachment,
  subject: Digest,
  { place, signal, onDoubt }: AttachmentOptions & { readonly place: AttachmentPlace },
): Promise<boolean> {
  try {
    const bytes = await place.document(descriptor, { signal });
    const document = decodeManifest(bytes, descriptor.mediaType);
    return tag !== undefined || document.subject?.digest === subject;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    onDoubt?.({
      host: place.host,
      fact: `what belongs to it cannot be read: ${factOf(error)}`,
    });
    return false;
  }
}

function orderOf({ tag = '', descriptor }: Attachment): string {
  return `${tag} ${descriptor.digest}`;
}

/** Returns the name of an attachment of `subject` in a lock; for a referrer, the tag names its subject. */
export function lockedName(reference: Reference, subject: Digest, { tag, descriptor }: Attachment): string {
  const { registry, repository } = reference;
  const named = tag === undefined ? { tag: `sha256-${hexOf(subject)}`, digest: descriptor.digest } : { tag };
  return formatReference({ registry, repository, ...named });
}

/** Returns the attachments of `subject` in a lock. */
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
