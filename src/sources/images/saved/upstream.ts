import { SaddlebagError } from '../../../internal/error.ts';
import { quote } from '../../../internal/quote.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { type Digest, hexOf, isDigest } from '../../../oci/digest.ts';
import { decodeManifest } from '../../../oci/manifest.ts';
import { formatReference, type Reference } from '../../../oci/reference.ts';
import type { Attachment, Fetcher, WaitOptions } from '../../../oci/roles.ts';
import { ContentMismatchError, fetchDocument } from '../../../oci/verified.ts';
import { type SavedImages, streamBlob } from '../../../saved/images.ts';
import type { ImageUpstream } from '../../questions.ts';
import { limitOf } from '../upstream.ts';

/** Where cosign puts what belongs to an image. */
const COSIGN_TAG = /^sha256-(?<hex>[0-9a-f]{64})\.[a-z]+$/;

/** Answers what is asked of a registry from images that lie on this host. */
export interface SavedUpstream extends ImageUpstream {
  /** Returns the digest that an image belongs to, if it is something like a signature. */
  subjectOf(reference: Reference): Digest | undefined;
  /** Lets a reference stand for bytes that were made here. */
  replace(reference: Reference, descriptor: Descriptor, bytes: Uint8Array): void;
}

/** Returns the upstream of saved images; `named` says how each is called in the bundle. */
export function savedUpstream(saved: SavedImages, named: ReadonlyMap<string, Descriptor>): SavedUpstream {
  const held = new Map<Digest, Uint8Array>();
  const roots = new Map(named);
  const content: ImageUpstream['content'] = (_, target, options) => {
    const blob = saved.blobs.get(target.digest);
    if (blob === undefined) throw absent(saved, target);
    return streamBlob(blob, options);
  };
  const document: ImageUpstream['document'] = async (reference, target, { signal } = {}) => {
    const known = held.get(target.digest);
    if (known !== undefined) return known;
    const from: Fetcher = { fetch: (each, options) => content(reference, each, options) };
    const bytes = await asOf(
      saved,
      target,
      fetchDocument(from, target, { limit: limitOf(target.mediaType), signal }),
    );
    held.set(target.digest, bytes);
    return bytes;
  };
  return {
    resolve: async (reference) => {
      const found = roots.get(formatReference(reference));
      if (found !== undefined) return found;
      throw new SaddlebagError(
        'ERR_UPSTREAM_NOT_FOUND',
        `Cannot find image "${formatReference(reference)}": ${quote(saved.path)} does not have it`,
      );
    },
    document,
    content,
    held: (digest) => held.get(digest),
    attached: async (reference, digest, options) => [
      ...taggedFor(reference, digest, named),
      ...(await referring(saved, reference, { digest, document, signal: options?.signal })),
    ],
    subjectOf: ({ tag = '' }) => {
      const digest = `sha256:${COSIGN_TAG.exec(tag)?.groups?.['hex'] ?? ''}`;
      return isDigest(digest) ? digest : undefined;
    },
    replace: (reference, descriptor, bytes) => {
      roots.set(formatReference(reference), descriptor);
      held.set(descriptor.digest, bytes);
    },
  };
}

function taggedFor(
  { registry, repository }: Reference,
  digest: Digest,
  named: ReadonlyMap<string, Descriptor>,
): readonly Attachment[] {
  const prefix = `${registry}/${repository}:`;
  const start = `${prefix}sha256-${hexOf(digest)}.`;
  return [...named].flatMap(([name, descriptor]) =>
    name.startsWith(start) ? [{ tag: name.slice(prefix.length), descriptor }] : [],
  );
}

/** What names its subject itself; what else has no name in a haul, such as a chart, names none. */
async function referring(
  saved: SavedImages,
  reference: Reference,
  asked: WaitOptions & { readonly digest: Digest; readonly document: ImageUpstream['document'] },
): Promise<readonly Attachment[]> {
  const found: Attachment[] = [];
  for (const { mediaType, digest, size } of saved.attachments) {
    if (!saved.blobs.has(digest)) continue;
    const descriptor = { mediaType, digest, size };
    const bytes = await asked.document(reference, descriptor, { signal: asked.signal });
    if (decodeManifest(bytes, mediaType).subject?.digest === asked.digest) found.push({ descriptor });
  }
  return found;
}

/** Says where something wrong was read from. */
async function asOf<T>(saved: SavedImages, target: Descriptor, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ContentMismatchError)) throw error;
    const blob = saved.blobs.get(target.digest);
    const entry = blob !== undefined && 'file' in blob ? `, ${quote(blob.file.path)}` : '';
    throw new SaddlebagError(error.code, `${error.message}, read from ${quote(saved.path)}${entry}`, {
      hint: 'It is damaged there: save the image again, or copy it again.',
      cause: error,
    });
  }
}

function absent(saved: SavedImages, { digest }: Descriptor): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find "${digest}": ${quote(saved.path)} names it, and does not hold it`,
    { hint: 'Save the image again with all that belongs to it.' },
  );
}
