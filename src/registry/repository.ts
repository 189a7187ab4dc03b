import { streamOf } from '../internal/bytes.ts';
import type { ByteStream } from '../internal/bytes.ts';
import type { HttpClient } from '../internal/http/http.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isManifestType } from '../oci/media-type.ts';
import type { Fetcher, FetchOptions, Repository, WaitOptions } from '../oci/roles.ts';
import { findAttachments } from './manifests/attachments.ts';
import { formatPlace, type Place } from './content-name.ts';
import { deleteManifest } from './manifests/delete.ts';
import { failOver } from './session/fail-over.ts';
import { fetchBlob } from './blobs/fetch.ts';
import { fetchManifest } from './manifests/fetch.ts';
import { mountBlob } from './blobs/mount.ts';
import { isThere } from './presence.ts';
import { probeRepository } from './probe.ts';
import { putManifest } from './manifests/put.ts';
import { addReferrer } from './manifests/referrers.ts';
import { RegistryError } from './session/registry-error.ts';
import { lookUpAt, resolveAt } from './manifests/resolve.ts';
import type { Session } from './session/session.ts';
import { listTags } from './tags/list.ts';
import { uploadBlob } from './blobs/upload.ts';

/** The sessions with a registry. */
export interface Ways {
  readonly http: HttpClient;
  /** Where to read: mirrors first, the registry last. */
  readonly pull: readonly Session[];
  /** The registry itself: `has`, `mount`, `push` and `tag` never use a mirror. */
  readonly push: Session;
}

/** Returns a repository of a registry that can be read and written. */
export function openRepository(ways: Ways, place: Place): Repository {
  const { http, pull, push } = ways;
  return {
    resolve: (tagOrDigest, options = {}) => {
      const ask = options.doubtIsNo === true ? lookUpAt : resolveAt;
      return failOver(
        { what: `fetch manifest "${formatPlace(place, tagOrDigest)}"`, sessions: pull },
        (session) => ask(session, place, tagOrDigest, { signal: options.signal }),
      );
    },
    resolveWhole: (tagOrDigest, options) =>
      failOver({ what: `fetch manifest "${formatPlace(place, tagOrDigest)}"`, sessions: pull }, (session) =>
        fetchManifest(session, place, tagOrDigest, options),
      ),
    fetch: (target, options) =>
      isManifestType(target.mediaType)
        ? manifestStream(ways, place, target, options)
        : fetchBlob({ sessions: pull, http, place }, target, options),
    has: (target, options) => isThere(push, place, target, options),
    mount: (target, fromRepository, options) =>
      mountBlob(push, place, target, { fromRepository, signal: options?.signal }),
    push: (expected, content, options) =>
      isManifestType(expected.mediaType)
        ? pushManifest(push, place, { target: expected, content }, options)
        : uploadBlob(push, place, { expected, content }, options),
    attachments: (subject, options) => findAttachments(pull, place, subject, options),
    listTags: (options) => listTags(pull, place, options),
    remove: (manifest, options) => deleteManifest(push, place, manifest, options),
    probe: (options) => probeRepository(push, place, options),
    tag: async (target, content, tag, options) =>
      void (await putManifest(push, place, { target, content, name: tag }, options)),
  };
}

/** A registry that does not mention the subject keeps no list, so we have to keep it. */
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
