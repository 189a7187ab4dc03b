import type { WaitOptions } from '../oci/roles.ts';
import { pushScope } from './auth/scope.ts';
import type { Place } from './content-name.ts';
import type { Session } from './session/session.ts';
import { cancelUpload, refusalOfUpload } from './blobs/upload-session.ts';

/**
 * Finds out whether a repository accepts pushes: begins an upload and cancels it. A registry that requires the repository to be
 * created first, or forbids this user to push, says so here.
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_UPSTREAM_NOT_FOUND`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`
 */
export async function probeRepository(
  session: Session,
  { registry, repository }: Place,
  { signal }: WaitOptions = {},
): Promise<void> {
  const ask = {
    repository,
    scopes: [pushScope(repository)],
    what: `push to "${registry}/${repository}"`,
    signal,
  };
  const path = `/${repository}/blobs/uploads/`;
  await using response = await session.send({ ...ask, path, method: 'POST', body: new Uint8Array() });
  if (response.status !== 202) throw await refusalOfUpload(session, response, ask);
  await cancelUpload(session, response, ask);
}
