import { walkItem } from '../../bundle/plan/graph.ts';
import { encodeDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { type Library, REGISTRY_KINDS } from '../holdings/library.ts';
import { sendBytes } from '../http/reply.ts';
import type { RepositoryExchange } from './exchange.ts';

/** Which manifests refer to which: signatures, statements and the like, by their subject. */
export class Referrers {
  readonly #library: Library;
  #bySubject: Promise<ReadonlyMap<string, readonly Descriptor[]>> | undefined;

  constructor(library: Library) {
    this.#library = library;
  }

  /** Sends the list of what refers to a digest; empty is an answer too (OCI distribution specification, "Listing Referrers"). */
  async send(exchange: RepositoryExchange): Promise<void> {
    // Every manifest has to be read for it, so not before somebody asks.
    const all = (await this.#load()).get(exchange.reference) ?? [];
    const wanted = exchange.query.get('artifactType');
    const manifests = wanted === null ? all : all.filter(({ artifactType }) => artifactType === wanted);
    const index = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: manifests.map((descriptor) => encodeDescriptor(descriptor)),
    };
    sendBytes(exchange, 200, {
      type: MEDIA_TYPE.ociIndex,
      bytes: JSON.stringify(index),
      headers: wanted === null ? {} : { 'oci-filters-applied': 'artifactType' },
    });
  }

  async #load(): Promise<ReadonlyMap<string, readonly Descriptor[]>> {
    try {
      return await (this.#bySubject ??= subjectsOf(this.#library));
    } catch (error) {
      this.#bySubject = undefined;
      throw error;
    }
  }
}

async function subjectsOf({ items, blobs }: Library): Promise<ReadonlyMap<string, readonly Descriptor[]>> {
  const bySubject = new Map<string, Descriptor[]>();
  const seen = new Set<Digest>();
  for (const { item } of items) {
    if (!REGISTRY_KINDS.has(item.kind)) continue;
    // What a delta leaves out, and what is damaged, is not there to refer to anything.
    for await (const { descriptor, document } of walkItem(blobs, item, { onProblem: () => undefined })) {
      if (document?.subject === undefined || seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      const referrer = referrerOf(descriptor, document);
      bySubject.set(document.subject.digest, [...(bySubject.get(document.subject.digest) ?? []), referrer]);
    }
  }
  return bySubject;
}

/** Its type is the one it names, else that of its config; its annotations are its own. */
function referrerOf({ digest, size }: Descriptor, document: Manifest | Index): Descriptor {
  const named =
    document.type === 'manifest' ? (document.artifactType ?? document.config.mediaType) : undefined;
  const { mediaType, annotations } = document;
  return {
    mediaType,
    digest,
    size,
    artifactType: named,
    annotations,
  };
}
