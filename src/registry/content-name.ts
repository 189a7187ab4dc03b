import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { isManifestType } from '../oci/media-type.ts';

/** A repository as messages name it. */
export interface Place {
  /** As in references: `docker.io`, not the host behind it. */
  readonly registry: string;
  readonly repository: string;
}

/** Returns `registry/repository:tag` or `registry/repository@digest`. */
export function formatPlace({ registry, repository }: Place, tagOrDigest: string): string {
  return `${registry}/${repository}${isDigest(tagOrDigest) ? '@' : ':'}${tagOrDigest}`;
}

/** Returns the path of content in the distribution API: manifests and blobs are separate there. */
export function pathOf(name: string, target: Descriptor): string {
  return `/${name}/${isManifestType(target.mediaType) ? 'manifests' : 'blobs'}/${target.digest}`;
}

/** Returns `manifest "…"` or `blob "…"`. */
export function describeContent(place: Place, target: Descriptor): string {
  return `${isManifestType(target.mediaType) ? 'manifest' : 'blob'} "${formatPlace(place, target.digest)}"`;
}
