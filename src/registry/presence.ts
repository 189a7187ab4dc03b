import type { HttpResponse } from '../internal/http/http.ts';
import { isHtml } from '../internal/http/status.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isManifestType } from '../oci/media-type.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { pushScope } from './auth/scope.ts';
import { describeContent, pathOf, type Place } from './content-name.ts';
import { ACCEPT_MANIFESTS, claimedDigest, fetchManifest, type ManifestOptions } from './manifests/fetch.ts';
import type { RegistryError } from './session/registry-error.ts';
import type { Session } from './session/session.ts';

/** What servers say that answer no HEAD. */
const NO_HEAD: ReadonlySet<number> = new Set([400, 405, 501]);

/**
 * Returns whether a registry says clearly that it has a piece of content. Anything else is a no: some deny what they do not
 * have, some know no HEAD, some are in trouble, and whether the content can be sent shows when it is sent.
 *
 * @throws `ERR_REGISTRY_FAILED` for a web page in place of the content, which comes from no registry; `ERR_INTERRUPTED`
 */
export async function isThere(
  session: Session,
  place: Place,
  target: Descriptor,
  options: WaitOptions = {},
): Promise<boolean> {
  const topic = isManifestType(target.mediaType) ? 'has manifest' : 'has blob';
  const found = await session.lookUps.run(topic, (manner) =>
    ask(session, place, target, { ...manner, signal: options.signal }),
  );
  if ('doubt' in found) return false;
  if (typeof found.answer === 'boolean') return found.answer;
  throw found.answer;
}

async function ask(
  session: Session,
  place: Place,
  target: Descriptor,
  options: ManifestOptions,
): Promise<boolean | RegistryError> {
  const { repository } = place;
  const isManifest = isManifestType(target.mediaType);
  const request = {
    path: pathOf(repository, target),
    headers: isManifest ? { accept: ACCEPT_MANIFESTS } : {},
    repository,
    // The same as for the push that follows, so that one token does for both.
    scopes: [pushScope(repository)],
    what: `look for ${describeContent(place, target)}`,
    ...options,
  };
  await using response = await session.send({ ...request, method: 'HEAD' });
  const { status } = response;
  if (status === 404) return false;
  // A login page says 200 to everything: believed, it would make every push a success.
  if (status === 200)
    return isHtml(response.headers) ? await session.refuse(response, request) : isOf(response, target);
  if (!isManifest || !NO_HEAD.has(status)) throw await session.refuse(response, request);
  return (await fetchManifest(session, place, target.digest, options)) !== undefined;
}

/** An answer that is about something else is as good as a no. */
function isOf(response: HttpResponse, target: Descriptor): boolean {
  // Some leave the length out of an answer without a body, and some say 0.
  const length = Number(response.headers['content-length'] ?? 0);
  return (claimedDigest(response) ?? target.digest) === target.digest && [0, target.size].includes(length);
}
