import { isSaddlebagError, SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import { parseReference } from '../../../oci/reference.ts';

/** The component whose image lists the samples. */
export const SAMPLES_COMPONENT = 'cluster-samples-operator';
/** Name of the file in a release item that says which image streams the bundle has the images of. */
export const SAMPLES_FILE = 'samples.json';

/** An image stream of the Samples Operator. */
export interface SampleStream {
  readonly name: string;
  /** References as they are written; those of other kinds are left out. */
  readonly images: readonly string[];
}

/** Largest list that is read (bytes); real ones have less than 100 KiB. */
export const SAMPLES_LIMIT: number = 4 * 1024 * 1024;

/**
 * Returns whether a path in the image of the operator is a list of samples for an architecture, as in `x86_64`
 * (openshift/cluster-samples-operator, `Dockerfile`). Those of Jenkins come with the release.
 */
export function isSamplesPath(path: string, architecture: string): boolean {
  const root = `opt/openshift/operator/${architecture}/`;
  return (
    path.startsWith(root) && /^(?!jenkins\/)[^/]+\/imagestreams\/[^/]+\.json$/.test(path.slice(root.length))
  );
}

/** Decodes an ImageStream or a list of some. @throws `ERR_DOCUMENT_INVALID` */
export function decodeSamples(bytes: Uint8Array, path: string): readonly SampleStream[] {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read the samples in "${path}": ${fact}`, { cause });
  const document = parseForeignJson(bytes, { limit: SAMPLES_LIMIT, fail });
  if (!isRecord(document)) throw fail('they are not an object');
  const items: readonly unknown[] = Array.isArray(document['items']) ? document['items'] : [document];
  return items.flatMap((item) => {
    if (!isRecord(item) || item['kind'] !== 'ImageStream') return [];
    const { metadata, spec } = item;
    const name = isRecord(metadata) ? metadata['name'] : undefined;
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9.-]{0,252}$/.test(name))
      throw fail('an image stream has no name');
    const tags = isRecord(spec) && Array.isArray(spec['tags']) ? spec['tags'] : [];
    return [{ name, images: tags.flatMap(imageOf) }];
  });
}

function imageOf(tag: unknown): readonly string[] {
  const from = isRecord(tag) ? tag['from'] : undefined;
  if (!isRecord(from) || from['kind'] !== 'DockerImage') return [];
  const { name } = from;
  return typeof name === 'string' ? [name] : [];
}

/**
 * Returns where the operator looks for an image below `samplesRegistry`, `namespace/name:tag` (`pkg/stub/imagestreams.go`,
 * `coreUpdateDockerPullSpec`); `undefined` for one that it could not find there.
 */
export function samplePlace(image: string): string | undefined {
  try {
    const { repository, tag, digest } = parseReference(image);
    return repository.split('/').length === 2 && digest === undefined
      ? `${repository}:${tag ?? 'latest'}`
      : undefined;
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
