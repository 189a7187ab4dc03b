import { streamOf } from '../../internal/bytes.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT, successorsOf } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Fetcher, WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { Ask } from '../auth/authorizer.ts';
import { pushScope } from '../auth/scope.ts';
import { formatPlace, type Place } from '../content-name.ts';
import { claimedDigest } from './fetch.ts';
import { RegistryError } from '../session/registry-error.ts';
import { resolveAt } from './resolve.ts';
import type { Session } from '../session/session.ts';
import { unhurried } from '../unhurried.ts';

/**
 * Sends a manifest, byte for byte, under a tag or its own digest, and checks that the registry then has it under exactly that
 * digest. Its children must be there. Returns the entry to add to its subject's list when the registry does not keep that list
 * itself (distribution specification, "Pushing Manifests with Subject").
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_UPSTREAM_NOT_FOUND`,
 * `ERR_INTERRUPTED`, and whatever reading `content` throws
 */
export async function putManifest(
  session: Session,
  place: Place,
  manifest: { readonly target: Descriptor; readonly content: Fetcher; readonly name: string },
  options: WaitOptions = {},
): Promise<Unlisted | undefined> {
  const { target, content, name } = manifest;
  const { repository } = place;
  const bytes = await fetchDocument(content, target, { limit: MANIFEST_LIMIT, signal: options.signal });
  const ask: Ask = {
    repository,
    scopes: [pushScope(repository)],
    what: `push manifest "${formatPlace(place, name)}"`,
    signal: options.signal,
  };
  const isForeign = hasForeignLayer(bytes, target.mediaType);
  let tries = 0;
  const request = {
    ...ask,
    path: `/${repository}/manifests/${name}`,
    method: 'PUT',
    headers: { 'content-type': target.mediaType },
    body: () => (tries++ === 0 ? streamOf(bytes) : unhurried(streamOf(bytes), options.signal)),
    bodyLength: bytes.length,
    // Docker's registry answers 500 to a foreign layer that it must not accept, and would again.
    retries: isForeign ? 1 : undefined,
  } as const;
  try {
    await using response = await session.send(request);
    const isTaken = response.status >= 200 && response.status < 300 && !isHtml(response.headers);
    if (!isTaken) throw await session.refuse(response, ask);
    await assertStored(session, response, { ask, place, name, target });
    const unlisted = unlistedOf(bytes, target);
    return response.headers['oci-subject'] === unlisted?.subject ? undefined : unlisted;
  } catch (error) {
    throw isForeign
      ? explained(error, ask.what)
      : ociOnly(error, { what: ask.what, mediaType: target.mediaType });
  }
}

/** A manifest missing from its subject's list. */
export interface Unlisted {
  readonly subject: Digest;
  readonly referrer: Descriptor;
}

function unlistedOf(bytes: Uint8Array, { mediaType, digest, size }: Descriptor): Unlisted | undefined {
  const document = decodeManifest(bytes, mediaType);
  if (document.subject === undefined) return undefined;
  const artifactType =
    document.type === 'manifest' ? (document.artifactType ?? document.config.mediaType) : undefined;
  const referrer = {
    mediaType: document.mediaType,
    digest,
    size,
    annotations: document.annotations,
    artifactType,
  };
  return { subject: document.subject.digest, referrer };
}

async function assertStored(
  session: Session,
  response: HttpResponse,
  sent: { readonly ask: Ask; readonly place: Place; readonly name: string; readonly target: Descriptor },
): Promise<void> {
  const { ask, place, name, target } = sent;
  const stored =
    claimedDigest(response) ?? (await resolveAt(session, place, name, { signal: ask.signal }))?.digest;
  if (stored === target.digest) return;
  const fact = stored === undefined ? 'does not have it afterwards' : `stored it as "${stored}"`;
  throw new RegistryError(
    'ERR_REGISTRY_FAILED',
    { what: ask.what, fact: `the registry ${fact}` },
    {
      hint: 'Something between here and the registry changes what is sent: look for a proxy, or a registry that converts images.',
    },
  );
}

/** By default, Docker's registry refuses layers that are stored elsewhere, and does not say so. */
function explained(error: unknown, what: string): unknown {
  if (!(error instanceof RegistryError) || (error.status !== 400 && error.status !== 500)) return error;
  return error.with({
    what,
    hint: 'It has layers with "urls", as Windows images do. Let the registry take them with validation.manifests.urls.allow in its configuration.',
  });
}

/** Some registries accept only OCI manifests, and give no reason when they refuse others. */
function ociOnly(
  error: unknown,
  { what, mediaType }: { readonly what: string; readonly mediaType: string },
): unknown {
  const isDocker = mediaType === MEDIA_TYPE.dockerManifest || mediaType === MEDIA_TYPE.dockerList;
  if (!isDocker || !(error instanceof RegistryError)) return error;
  const isRefused =
    error.status === 415 ||
    error.registryCodes.some((code) => code === 'MANIFEST_INVALID' || code === 'UNSUPPORTED');
  if (!isRefused) return error;
  return error.with({
    what,
    hint: 'The manifest is in Docker\'s format, and the registry may accept only OCI: let it accept both (zot: http.compat: ["docker2s2"]).',
  });
}

function hasForeignLayer(bytes: Uint8Array, mediaType: string): boolean {
  const foreign = /\.foreign\.|\.nondistributable\./;
  return successorsOf(decodeManifest(bytes, mediaType)).some(
    (child) => (child.urls ?? []).length > 0 || foreign.test(child.mediaType),
  );
}
