import { walkItem } from '../../bundle/plan/graph.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { SaddlebagError } from '../../internal/error.ts';
import { encodeDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { type Library, REGISTRY_KINDS } from '../holdings/library.ts';
import { sendBytes } from '../http/reply.ts';
import type { RepositoryExchange } from './exchange.ts';

/** Which manifests refer to which subject: signatures, attestations and the like. */
export class Referrers {
  readonly #library: Library;
  #found: Promise<Found> | undefined;

  constructor(library: Library) {
    this.#library = library;
  }

  /** Sends the referrers of a digest; an empty list is valid too (OCI distribution specification, "Listing Referrers"). */
  async send(exchange: RepositoryExchange): Promise<void> {
    // This reads every manifest, so it waits for the first request.
    const { bySubject } = await this.#load();
    const all = bySubject.get(exchange.reference) ?? [];
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

  /** Unreadable manifests are retried next time: an unplugged stick may be back by then. */
  async #load(): Promise<Found> {
    const found = (this.#found ??= subjectsOf(this.#library));
    try {
      if (!(await found).isAll) this.#found = undefined;
    } catch {
      this.#found = undefined;
    }
    return await found;
  }
}

interface Found {
  readonly bySubject: ReadonlyMap<string, readonly Descriptor[]>;
  /** Whether every manifest could be read. */
  readonly isAll: boolean;
}

/** These errors concern the file that holds the blob, not the blob, and may be gone next time. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ERR_DISK_FAILED', 'ERR_BUNDLE_DAMAGED']);

async function subjectsOf({ items, blobs }: Library): Promise<Found> {
  let isAll = true;
  // A blob that is damaged, or that a delta leaves out, cannot refer to anything.
  const onProblem = (_: Digest, { code }: SaddlebagError): void => {
    if (PASSING.has(code)) isAll = false;
  };
  const bySubject = new Map<string, Descriptor[]>();
  const seen = new Set<Digest>();
  for (const { item } of items) {
    if (!REGISTRY_KINDS.has(item.kind)) continue;
    for await (const { descriptor, document } of walkItem(blobs, item, { onProblem })) {
      if (document?.subject === undefined || seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      const referrer = referrerOf(descriptor, document);
      bySubject.set(document.subject.digest, [...(bySubject.get(document.subject.digest) ?? []), referrer]);
    }
  }
  return { bySubject, isAll };
}

/** The artifact type is the manifest's own, else its config's media type; the annotations are the manifest's. */
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
