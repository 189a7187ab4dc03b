import { collectBytes } from '../internal/bytes.ts';
import type { HttpResponse } from '../internal/http/http.ts';
import { isRecord } from '../internal/json.ts';
import type { Spaces, WaitOptions } from '../oci/roles.ts';
import { RegistryError } from './session/registry-error.ts';
import type { Session, SessionRequest } from './session/session.ts';

/** Harbor's API, `api/v2.0/swagger.yaml` there. */
const API = '/api/v2.0';
const INFO_LIMIT = 64 * 1024;
/** What Harbor tells anonymous users about itself. */
const INFO_KEYS = ['harbor_version', 'auth_mode', 'registry_url'];

/**
 * Returns Harbor's projects, which must exist before a push; `undefined` for any other registry.
 *
 * @throws `ERR_INTERRUPTED`
 */
export async function harborProjects(
  session: Session,
  host: string,
  options: WaitOptions = {},
): Promise<Spaces | undefined> {
  if (!(await isHarbor(session, host, options))) return undefined;
  return {
    term: 'project',
    terms: 'projects',
    isMadeUnasked: true,
    nameOf: (repository) => repository.split('/')[0] ?? repository,
    has: (name, wait) => hasProject(session, name, wait),
    make: (name, wait) => makeProject(session, name, wait),
  };
}

async function isHarbor(session: Session, host: string, { signal }: WaitOptions): Promise<boolean> {
  const request = requestFor(`ask "${host}" whether it is a Harbor`, '/systeminfo', signal);
  const found = await session.lookUps.run('Harbor', async ({ retries, patience }) => {
    await using response = await session.administer({ ...request, retries, patience });
    return response.status === 200 && describesHarbor(await readJson(response));
  });
  // Without this answer it is no Harbor; whether it is a registry shows elsewhere.
  return 'answer' in found && found.answer;
}

function describesHarbor(info: unknown): boolean {
  return isRecord(info) && INFO_KEYS.some((key) => typeof info[key] === 'string');
}

async function readJson(response: HttpResponse): Promise<unknown> {
  const onExcess = (): RegistryError =>
    new RegistryError('ERR_REGISTRY_FAILED', { what: 'read an answer', fact: 'it is too long' });
  const bytes = await collectBytes(response.body, { limit: INFO_LIMIT, onExcess });
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // Most likely a web page: many registries show one at every unknown path.
    return undefined;
  }
}

/** A project's robot account may push without being allowed to ask: then the answer stays open. */
async function hasProject(
  session: Session,
  name: string,
  { signal }: WaitOptions = {},
): Promise<boolean | undefined> {
  const query = new URLSearchParams({ project_name: name });
  const request = requestFor(`look for project "${name}"`, `/projects?${query.toString()}`, signal);
  const found = await session.lookUps.run('project', async ({ retries, patience }) => {
    await using response = await session.administer({ ...request, retries, patience, method: 'HEAD' });
    return response.status;
  });
  if ('doubt' in found) return undefined;
  if (found.answer === 200) return true;
  return found.answer === 404 ? false : undefined;
}

/** Private, because what comes through an air gap is not for everyone. */
async function makeProject(session: Session, name: string, { signal }: WaitOptions = {}): Promise<void> {
  const request = requestFor(`create project "${name}"`, '/projects', signal);
  await using response = await session.administer({
    ...request,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ project_name: name, metadata: { public: 'false' } })),
  });
  // 409: somebody else created it first.
  if (response.status === 201 || response.status === 409) return;
  throw await session.refuse(response, request);
}

function requestFor(what: string, path: string, signal: AbortSignal | undefined): SessionRequest {
  return { what, path: `${API}${path}`, repository: '', scopes: [], signal };
}
