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

/** Statuses of servers that do not support HEAD. */
const NO_HEAD: ReadonlySet<number> = new Set([400, 405, 501]);

/**
 * Returns whether a registry clearly says that it has content. Anything else is a no: some registries deny what they do not
 * have, some do not support HEAD, some are in trouble. Whether the content can be sent shows when it is sent.
 *
 * @throws `ERR_REGISTRY_FAILED` for a web page in place of the content, which no registry sends; `ERR_INTERRUPTED`
 */
export async function isThere(
  session: Session,
  place: Place,
  target: Descriptor,
  options: WaitOptions = {},
): Promise<boolean> {
  const topic = isManifestType(target.mediaType) ? 'has manifest' : 'has blob';
  const found = await session.lookUps.run(topic, ({ retries, patience }) =>
    ask(session, place, target, { retries, patience, signal: options.signal }),
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
    // The same scopes as for the push that follows, so that one token serves both.
    scopes: [pushScope(repository)],
    what: `look for ${describeContent(place, target)}`,
    retries: options.retries,
    patience: options.patience,
    signal: options.signal,
  };
  await using response = await session.send({ ...request, method: 'HEAD' });
  const { status } = response;
  if (status === 404) return false;
  // A login page answers 200 to everything: trusting it would make every push a success.
  if (status === 200)
    return isHtml(response.headers) ? await session.refuse(response, request) : isOf(response, target);
  if (!isManifest || !NO_HEAD.has(status)) throw await session.refuse(response, request);
  return (await fetchManifest(session, place, target.digest, options)) !== undefined;
}

/** An answer about something else counts as no. */
function isOf(response: HttpResponse, target: Descriptor): boolean {
  // Some registries omit the length of an answer without a body, and some send 0.
  const length = Number(response.headers['content-length'] ?? 0);
  return (claimedDigest(response) ?? target.digest) === target.digest && [0, target.size].includes(length);
}
