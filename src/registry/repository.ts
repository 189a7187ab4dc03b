import { streamOf } from '../internal/bytes.ts';
import type { ByteStream } from '../internal/bytes.ts';
import type { HttpClient } from '../internal/http/http.ts';
import { isHtml } from '../internal/http/status.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isManifestType } from '../oci/media-type.ts';
import type { Fetcher, FetchOptions, Repository, WaitOptions } from '../oci/roles.ts';
import { findAttachments } from './manifests/attachments.ts';
import { pushScope } from './auth/scope.ts';
import { describeContent, formatPlace, pathOf, type Place } from './content-name.ts';
import { deleteManifest } from './manifests/delete.ts';
import { failOver } from './session/fail-over.ts';
import { fetchBlob } from './blobs/fetch.ts';
import { ACCEPT_MANIFESTS, claimedDigest, fetchManifest } from './manifests/fetch.ts';
import { mountBlob } from './blobs/mount.ts';
import { probeRepository } from './probe.ts';
import { putManifest } from './manifests/put.ts';
import { addReferrer } from './manifests/referrers.ts';
import { RegistryError } from './session/registry-error.ts';
import { resolveAt } from './manifests/resolve.ts';
import type { Session } from './session/session.ts';
import { uploadBlob } from './blobs/upload.ts';

/** The ways to a registry. */
export interface Ways {
  readonly http: HttpClient;
  /** Where it is read: mirrors first, itself last. */
  readonly pull: readonly Session[];
  /** The registry itself: `has`, `mount`, `push` and `tag` speak of it and of no mirror. */
  readonly push: Session;
}

/** Returns a repository of a registry, for reading and writing. */
export function openRepository(ways: Ways, place: Place): Repository {
  const { http, pull, push } = ways;
  return {
    resolve: (tagOrDigest, options) =>
      failOver({ what: `fetch manifest "${formatPlace(place, tagOrDigest)}"`, sessions: pull }, (session) =>
        resolveAt(session, place, tagOrDigest, options),
      ),
    fetch: (target, options) =>
      isManifestType(target.mediaType)
        ? manifestStream(ways, place, target, options)
        : fetchBlob({ sessions: pull, http, place }, target, options),
    has: (target, options) => isThere(push, place, target, options),
    mount: (target, fromRepository, options) =>
      mountBlob(push, place, target, { ...options, fromRepository }),
    push: (expected, content, options) =>
      isManifestType(expected.mediaType)
        ? pushManifest(push, place, { target: expected, content }, options)
        : uploadBlob(push, place, { expected, content }, options),
    attachments: (subject, options) => findAttachments(pull, place, subject, options),
    remove: (manifest, options) => deleteManifest(push, place, manifest, options),
    probe: (options) => probeRepository(push, place, options),
    tag: async (target, content, tag, options) =>
      void (await putManifest(push, place, { target, content, name: tag }, options)),
  };
}

/** A registry that says nothing of the subject keeps no list: then the list is ours to keep. */
async function pushManifest(
  session: Session,
  place: Place,
  { target, content }: { readonly target: Descriptor; readonly content: Fetcher },
  options: WaitOptions = {},
): Promise<void> {
  const unlisted = await putManifest(session, place, { target, content, name: target.digest }, options);
  if (unlisted !== undefined) await addReferrer(session, place, unlisted, options);
}

async function* manifestStream(
  { pull }: Ways,
  place: Place,
  target: Descriptor,
  options: FetchOptions = {},
): ByteStream {
  const what = `fetch manifest "${formatPlace(place, target.digest)}"`;
  const found = await failOver({ what, sessions: pull }, (session) =>
    fetchManifest(session, place, target.digest, options),
  );
  if (found === undefined)
    throw new RegistryError('ERR_UPSTREAM_NOT_FOUND', { what, fact: 'the registry does not have it' });
  yield* streamOf(found.bytes, options.offset);
}

/** A HEAD whose answer names another digest is as good as a no. */
async function isThere(
  session: Session,
  place: Place,
  target: Descriptor,
  options: WaitOptions = {},
): Promise<boolean> {
  const { repository } = place;
  const request = {
    path: pathOf(repository, target),
    headers: isManifestType(target.mediaType) ? { accept: ACCEPT_MANIFESTS } : {},
    repository,
    // The same as for the push that follows, so that one token does for both.
    scopes: [pushScope(repository)],
    what: `look for ${describeContent(place, target)}`,
    signal: options.signal,
  };
  await using response = await session.send({ ...request, method: 'HEAD' });
  if (response.status === 404) return false;
  // A login page says 200 to everything: believed, it would make every push a success.
  if (response.status !== 200 || isHtml(response.headers)) throw await session.refuse(response, request);
  return (claimedDigest(response) ?? target.digest) === target.digest;
}
