import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { isHtml } from '../../internal/http/status.ts';
import { deleteScope } from '../auth/scope.ts';
import { formatPlace, type Place } from '../content-name.ts';
import type { Session } from '../session/session.ts';

/**
 * Deletes a manifest by its digest, and with it every tag of it (distribution specification, "Deleting Manifests"). Returns
 * false when the registry does not delete at all; a manifest that is already gone counts as deleted.
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`
 */
export async function deleteManifest(
  session: Session,
  place: Place,
  digest: Digest,
  options: WaitOptions = {},
): Promise<boolean> {
  const { repository } = place;
  const ask = {
    repository,
    scopes: [deleteScope(repository)],
    what: `delete manifest "${formatPlace(place, digest)}"`,
    signal: options.signal,
  };
  const path = `/${repository}/manifests/${digest}`;
  await using response = await session.send({ ...ask, path, method: 'DELETE' });
  const { status } = response;
  if (status >= 200 && status < 300 && !isHtml(response.headers)) return true;
  const error = await session.refuse(response, ask);
  // The specification has 405 and 400 for it; the error code says the same where the status does not.
  if (status === 405 || error.registryCodes.includes('UNSUPPORTED')) return false;
  if (status === 404) return true;
  throw error;
}
