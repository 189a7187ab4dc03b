import { SaddlebagError } from '../internal/error.ts';
import { parseForeignJson } from '../internal/foreign-json.ts';
import { isRecord } from '../internal/json.ts';
import { decodeAnnotations, decodeDescriptor, type Descriptor } from './descriptor.ts';
import { isIndexType, isManifestType, isSchema1Type, MEDIA_TYPE } from './media-type.ts';

/** An image or artifact manifest: a config and layers (OCI image-spec, manifest.md). */
export interface Manifest {
  readonly type: 'manifest';
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** A list of manifests, one for each platform (OCI image-spec, image-index.md). */
export interface Index {
  readonly type: 'index';
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Manifests and indexes larger than this (bytes) are refused: registries need not accept more. */
export const MANIFEST_LIMIT: number = 4 * 1024 * 1024;

/**
 * Decodes the bytes of a manifest or an index. `hint` is the media type from the sender; it counts only when the document
 * itself has none.
 *
 * @throws `ERR_DOCUMENT_INVALID`, `ERR_DIGEST_INVALID`, `ERR_MANIFEST_UNSUPPORTED` for schema 1
 */
export function decodeManifest(bytes: Uint8Array, hint?: string): Manifest | Index {
  const document = parseObject(bytes);
  const mediaType = mediaTypeOf(document, hint);
  const annotations = decodeAnnotations(document['annotations'], 'manifest');
  const subject = isRecord(document['subject'])
    ? decodeDescriptor(document['subject'], '"subject"')
    : undefined;
  const artifactType = textOf(document['artifactType']);
  const rest = { artifactType, subject, annotations };
  if (isIndexType(mediaType)) {
    return { type: 'index', mediaType, manifests: decodeAll(document, 'manifests'), ...rest };
  }
  return {
    type: 'manifest',
    mediaType,
    config: decodeDescriptor(document['config'], '"config"'),
    layers: decodeAll(document, 'layers'),
    ...rest,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Returns the children of a manifest or an index, in the order they are listed. `subject` is not one of them. */
export function successorsOf(document: Manifest | Index): readonly Descriptor[] {
  return document.type === 'index' ? document.manifests : [document.config, ...document.layers];
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const value = parseForeignJson(bytes, { limit: MANIFEST_LIMIT, fail: invalid });
  if (!isRecord(value)) throw invalid('it is not an object');
  return value;
}

/** OCI documents may omit `mediaType`: then the shape decides, then the type from the sender. */
function mediaTypeOf(document: Record<string, unknown>, hint: string | undefined): string {
  const named = document['mediaType'];
  if (named !== undefined && typeof named !== 'string') throw invalid('its "mediaType" is not a string');
  if (document['schemaVersion'] === 1 || (named !== undefined && isSchema1Type(named))) {
    throw new SaddlebagError(
      'ERR_MANIFEST_UNSUPPORTED',
      'Cannot decode manifest: it is of Docker schema 1, which no current program reads',
      {
        hint: 'Have the image pushed again by a current Docker, or choose a newer tag.',
      },
    );
  }
  if (document['schemaVersion'] !== 2) throw invalid('its "schemaVersion" is not 2');
  // A document that is both would be one thing to us and another to the next reader.
  if ('manifests' in document && 'layers' in document) throw invalid('it has both "manifests" and "layers"');
  if (named !== undefined && named !== '') return checkedType(named);
  if (Array.isArray(document['manifests']))
    return hint === MEDIA_TYPE.dockerList ? hint : MEDIA_TYPE.ociIndex;
  if (Array.isArray(document['layers']))
    return hint === MEDIA_TYPE.dockerManifest ? hint : MEDIA_TYPE.ociManifest;
  throw invalid('it has neither "manifests" nor "layers"');
}

function checkedType(mediaType: string): string {
  if (isManifestType(mediaType)) return mediaType;
  throw invalid(`its media type ${JSON.stringify(mediaType)} is not that of a manifest`);
}

function decodeAll(document: Record<string, unknown>, key: 'manifests' | 'layers'): readonly Descriptor[] {
  const list = document[key];
  if (!Array.isArray(list)) throw invalid(`"${key}" is not a list`);
  return list.map((value: unknown, index) => decodeDescriptor(value, `"${key}[${index}]"`));
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot decode manifest: ${fact}`, { cause });
}
