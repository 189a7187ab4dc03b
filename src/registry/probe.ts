import type { WaitOptions } from '../oci/roles.ts';
import { pushScope } from './auth/scope.ts';
import type { Place } from './content-name.ts';
import type { Session } from './session/session.ts';
import { RegistryError } from './session/registry-error.ts';
import { creationHint } from './session/remedy.ts';
import type { Ask } from './auth/authorizer.ts';
import { parseEcrHost } from './ecr/host.ts';
import type { HttpResponse } from '../internal/http/http.ts';
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
  await using response = await beginUpload(session, ask);
  if (response.status !== 202) throw await refusalOfUpload(session, response, ask);
  await cancelUpload(session, response, ask);
}

/** Amazon ECR has been seen to hang up on an upload to a repository that does not exist (aws/containers-roadmap#1970). */
async function beginUpload(session: Session, ask: Ask): Promise<HttpResponse> {
  const { host } = session.endpoint;
  const isEcr = parseEcrHost(host) !== undefined;
  const path = `/${ask.repository}/blobs/uploads/`;
  const request = {
    ...ask,
    path,
    method: 'POST',
    body: new Uint8Array(),
    retries: isEcr ? 1 : undefined,
  } as const;
  try {
    return await session.send(request);
  } catch (error) {
    if (!isEcr || !(error instanceof RegistryError) || error.status !== undefined) throw error;
    throw error.with({
      what: ask.what,
      hint: `Amazon ECR hangs up when a repository does not exist. ${creationHint(host)}`,
    });
  }
}
