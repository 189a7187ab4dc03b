import { isSaddlebagError, SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import { quote } from '../../../internal/quote.ts';
import type { Digest } from '../../../oci/digest.ts';
import { parseReference, type Reference } from '../../../oci/reference.ts';
import { IMAGE_REFERENCES } from './names.ts';

/** An image that a release consists of. */
export interface Component {
  /** `cli`; part of its tag at a registry. */
  readonly name: string;
  readonly reference: Reference & { readonly digest: Digest };
}

/** What `image-references` says. */
export interface ImageReferences {
  /** The version that `oc` puts into tags. */
  readonly version: string;
  /** In the order of the document, which is by name. */
  readonly components: readonly Component[];
}

/** Real ones have some 200 KiB (bytes). */
export const REFERENCES_LIMIT: number = 8 * 1024 * 1024;
/** Real releases have 200 at most. */
const COMPONENT_LIMIT = 2000;
/** Both become a part of a tag, of which a registry allows 128 characters. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Decodes the ImageStream of a release (openshift/oc, `pkg/cli/admin/release/mirror.go`). Tags of another kind than an image
 * are passed over, as `oc` does.
 *
 * @throws `ERR_DOCUMENT_INVALID` also for a component by tag or without a digest
 */
export function decodeImageReferences(bytes: Uint8Array): ImageReferences {
  const document = parseForeignJson(bytes, { limit: REFERENCES_LIMIT, fail: invalid });
  if (!isRecord(document)) throw invalid('it is not an object');
  const { kind, apiVersion, metadata, spec } = document;
  if (kind !== 'ImageStream' || apiVersion !== 'image.openshift.io/v1')
    throw invalid('it is not an ImageStream of image.openshift.io/v1');
  const version = isRecord(metadata) ? metadata['name'] : undefined;
  if (!isWord(version)) throw invalid('its "metadata.name" is not a version');
  const tags: unknown = isRecord(spec) ? (spec['tags'] ?? []) : undefined;
  if (!Array.isArray(tags)) throw invalid('its "spec.tags" is not a list');
  if (tags.length > COMPONENT_LIMIT)
    throw invalid(`it has ${tags.length} images, and ${COMPONENT_LIMIT} are allowed`);
  const components = tags.flatMap(componentOf);
  const names = new Set(components.map(({ name }) => name));
  if (names.size !== components.length) throw invalid('it has a component twice');
  if (components.length === 0) throw invalid('it has no component');
  return { version, components };
}

function componentOf(tag: unknown): readonly Component[] {
  if (!isRecord(tag)) throw invalid('a component of it is not an object');
  const { name, from } = tag;
  if (!isRecord(from) || from['kind'] !== 'DockerImage') return [];
  if (!isWord(name)) throw invalid('a component of it has no name');
  const text = from['name'];
  if (typeof text !== 'string') throw invalid(`its component ${quote(name)} names no image`);
  const { digest, tag: imageTag, ...rest } = referenceOf(name, text);
  if (digest === undefined || imageTag !== undefined)
    throw invalid(`its component ${quote(name)} is ${quote(text)}, and not an image by digest alone`);
  return [{ name, reference: { ...rest, digest } }];
}

function referenceOf(name: string, text: string): Reference {
  try {
    return parseReference(text);
  } catch (cause) {
    if (!isSaddlebagError(cause)) throw cause;
    throw invalid(`its component ${quote(name)} names ${quote(text)}, which is not a reference`, cause);
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && WORD.test(value);
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${IMAGE_REFERENCES}" of an OpenShift release: ${fact}`,
    { cause },
  );
}
