import { isSaddlebagError } from '../../internal/error.ts';
import { Gate } from '../../internal/gate.ts';
import { collectBytes, streamOf } from '../../internal/bytes.ts';
import { encodeJson } from '../../internal/json.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import { type Descriptor, encodeDescriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { pullScope } from '../auth/scope.ts';
import { formatPlace, type Place } from '../content-name.ts';
import { fetchManifest, type ManifestOptions } from './fetch.ts';
import { putManifest } from './put.ts';
import { decodeErrorBody } from '../session/error-body.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session, SessionRequest } from '../session/session.ts';

/** More pages than this mean a list that never ends. */
const PAGE_LIMIT = 100;
/** Statuses of a server that does not know the path. */
const NO_API: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * Returns the referrers of a manifest from the referrers API (distribution specification, "Listing Referrers"); `undefined`
 * when the registry does not have it.
 *
 * @throws what `Session.send` throws, `ERR_DOCUMENT_INVALID`
 */
export async function fetchReferrers(
  session: Session,
  place: Place,
  digest: Digest,
  options: ManifestOptions = {},
): Promise<readonly Descriptor[] | undefined> {
  const name = session.endpoint.nameOf(place.repository);
  if (session.known.lacksReferrers(name)) return undefined;
  const request = {
    path: `/${name}/referrers/${digest}`,
    headers: { accept: MEDIA_TYPE.ociIndex },
    repository: name,
    scopes: [pullScope(name)],
    what: `list the referrers of "${formatPlace(place, digest)}"`,
    retries: options.retries,
    patience: options.patience,
    weight: options.weight,
    signal: options.signal,
  };
  return await fetchPages(session, request);
}

/**
 * Returns the list that clients keep under a tag when the registry keeps none; `undefined` when that is missing too.
 *
 * @throws what `fetchManifest` throws
 */
export async function fetchListByTag(
  session: Session,
  place: Place,
  digest: Digest,
  options: ManifestOptions = {},
): Promise<readonly Descriptor[] | undefined> {
  const found = await fetchManifest(session, place, fallbackTag(digest), options);
  // Some registries shorten such a tag to the digest and answer with the image itself, which is no list of its referrers.
  return found === undefined || found.descriptor.digest === digest ? undefined : manifestsIn(found.bytes);
}

/** The next page is in `Link`, as for tags (distribution specification, "Listing Referrers"). */
async function fetchPages(
  session: Session,
  request: SessionRequest,
): Promise<readonly Descriptor[] | undefined> {
  const { what } = request;
  const listed: Descriptor[] = [];
  let path: string | undefined = request.path;
  for (let page = 1; path !== undefined; page += 1) {
    if (page > PAGE_LIMIT) throw tooLong(what);
    await using response = await session.send({ ...request, path });
    if (response.status !== 200 || isHtml(response.headers)) {
      if (page === 1) {
        if (await tellsOfNoApi(response)) session.known.noteNoReferrers(request.repository);
        return undefined;
      }
      // Half of a list would pass for all of it.
      throw await session.refuse(response, request);
    }
    const bytes = await collectBytes(response.body, {
      limit: MANIFEST_LIMIT,
      onExcess: () => tooLong(what),
    });
    listed.push(...requireList(bytes, what));
    path = nextPage(response);
  }
  return listed;
}

/** Some registries answer so for a repository or a manifest that they do not know, whether they have the API or not. */
async function tellsOfNoApi(response: HttpResponse): Promise<boolean> {
  if (!NO_API.has(response.status)) return false;
  const { codes } = await decodeErrorBody(response);
  return !codes.some((code) => code === 'NAME_UNKNOWN' || code === 'MANIFEST_UNKNOWN');
}

/** Behind a proxy, many registries get their own host wrong, so only the path of a link counts. */
function nextPage({ headers, url }: HttpResponse): string | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(headers['link'] ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, url)) return undefined;
  const { pathname, search } = new URL(link, url);
  return new URL(`${pathname}${search}`, url).href;
}

/** Serializes read, change and write of a list: two at once would lose one of the changes. */
const turns = new WeakMap<Session, Gate>();

/** Adds a manifest to its subject's list when the registry does not keep that list itself. */
export async function addReferrer(
  session: Session,
  place: Place,
  { subject, referrer }: { readonly subject: Digest; readonly referrer: Descriptor },
  options: WaitOptions = {},
): Promise<void> {
  const turn = turns.get(session) ?? new Gate(1);
  turns.set(session, turn);
  await turn.run(async () => {
    const listed = await listSoFar(session, place, subject, options);
    if (listed.some(({ digest }) => digest === referrer.digest)) return;
    const bytes = encodeJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: [...listed, referrer].map(encodeDescriptor),
    });
    const target = { mediaType: MEDIA_TYPE.ociIndex, digest: digestOf(bytes), size: bytes.length };
    await putManifest(
      session,
      place,
      { target, content: { fetch: () => streamOf(bytes) }, name: fallbackTag(subject) },
      options,
    );
  }, options.signal);
}

/** When a registry answers missing content with a denial, a list that this user may write but not read does not exist. */
async function listSoFar(
  session: Session,
  place: Place,
  subject: Digest,
  options: WaitOptions,
): Promise<readonly Descriptor[]> {
  try {
    return (await fetchListByTag(session, place, subject, options)) ?? [];
  } catch (error) {
    if (mayBeAbsent(error)) return [];
    throw error;
  }
}

/** Distribution specification, "Referrers Tag Schema". */
function fallbackTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

function manifestsIn(bytes: Uint8Array): readonly Descriptor[] {
  const document = decodeManifest(bytes, MEDIA_TYPE.ociIndex);
  return document.type === 'index' ? document.manifests : [];
}

/** Some servers answer every path with a document of their own. */
function requireList(bytes: Uint8Array, what: string): readonly Descriptor[] {
  try {
    const document = decodeManifest(bytes, MEDIA_TYPE.ociIndex);
    if (document.type === 'index') return document.manifests;
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
  }
  throw new RegistryError('ERR_DOCUMENT_INVALID', {
    what,
    fact: 'the answer is not a list of manifests',
  });
}

function tooLong(what: string): RegistryError {
  return new RegistryError('ERR_DOCUMENT_INVALID', { what, fact: 'the list is too long' });
}
