import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { isManifestType } from '../oci/media-type.ts';

/** A repository as messages name it. */
export interface Place {
  /** As in references: `docker.io`, not the host that is asked. */
  readonly registry: string;
  readonly repository: string;
}

/** Returns `registry/repository:tag` or `registry/repository@digest`. */
export function formatPlace({ registry, repository }: Place, tagOrDigest: string): string {
  return `${registry}/${repository}${isDigest(tagOrDigest) ? '@' : ':'}${tagOrDigest}`;
}

/** Returns where the distribution API has a piece of content: manifests and blobs live apart. */
export function pathOf(name: string, target: Descriptor): string {
  return `/${name}/${isManifestType(target.mediaType) ? 'manifests' : 'blobs'}/${target.digest}`;
}

/** Returns `manifest "…"` or `blob "…"`. */
export function describeContent(place: Place, target: Descriptor): string {
  return `${isManifestType(target.mediaType) ? 'manifest' : 'blob'} "${formatPlace(place, target.digest)}"`;
}
