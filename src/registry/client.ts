import type { HttpClient } from '../internal/http/http.ts';
import { isHtml } from '../internal/http/status.ts';
import type { Registry, WaitOptions } from '../oci/roles.ts';
import type { CredentialStore } from './credentials/credential.ts';
import { NO_CREDENTIALS } from './credentials/store.ts';
import { createEcr, type Ecr } from './ecr/ecr.ts';
import { ECR_LAYERS, parseEcrHost } from './ecr/host.ts';
import type { AwsUser } from './ecr/keys.ts';
import { endpointsOf, splitScheme } from './session/endpoint.ts';
import { harborProjects } from './harbor.ts';
import { openRepository, type Ways } from './repository.ts';
import { Session } from './session/session.ts';
import { canonicalHost, type RegistrySettings } from './settings/settings.ts';

export { type AskedRepository, mirroredNames } from './settings/mirrored.ts';

export interface RegistryClientOptions {
  readonly http: HttpClient;
  readonly settings?: RegistrySettings | undefined;
  /** Credentials; none when left out. */
  readonly credentials?: CredentialStore | undefined;
  /** Whose AWS keys to use at Amazon ECR; none when left out. */
  readonly user?: AwsUser | undefined;
  /** Bytes per request when pushing a blob; unlimited when left out. */
  readonly uploadChunk?: number | undefined;
  /** A monotonic clock (milliseconds), by which tokens expire. */
  readonly now?: (() => number) | undefined;
}

/** Opens registries by host. */
export interface RegistryClient {
  /**
   * Returns a registry without contacting it. `host` is as in a reference, with `http://` or `https://` in front to force the
   * scheme. Otherwise loopback hosts are tried by HTTP first, and all others use HTTPS.
   *
   * @throws `ERR_REGISTRIES_INVALID` when its mirrors are not configured correctly
   */
  open(host: string): Registry;
}

/** Returns a client for all registries. What it learns of one (scheme, challenge, tokens) lasts as long as the client. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { http, settings, user, uploadChunk, now = () => performance.now() } = options;
  const ecr = user === undefined ? undefined : createEcr({ http, user, now });
  const others = options.credentials ?? NO_CREDENTIALS;
  const credentials = ecr === undefined ? others : ecr.logsIn(others);
  const registries = new Map<string, Registry>();

  return {
    open: (host) => {
      const known = registries.get(host);
      if (known !== undefined) return known;
      const endpoints = endpointsOf(host, settings);
      const push = new Session(endpoints.push, { http, credentials, now, uploadChunk });
      const pull = endpoints.pull.map((endpoint) =>
        endpoint === endpoints.push
          ? push
          : new Session(endpoint, { http, credentials, now, hasSubstitute: true }),
      );
      const registry = createRegistry(splitScheme(host).host, {
        ways: { http, pull, push },
        ecr,
        env: user?.env,
      });
      registries.set(host, registry);
      return registry;
    },
  };
}

function createRegistry(
  host: string,
  {
    ways,
    ecr,
    env,
  }: { readonly ways: Ways; readonly ecr: Ecr | undefined; readonly env: AwsUser['env'] | undefined },
): Registry {
  const registry = canonicalHost(host) === 'docker.io' ? 'docker.io' : host;
  return {
    host,
    repository: (name) => openRepository(ways, { registry, repository: name }),
    ping: (options) => ping(ways.push, host, options),
    layerLimit: parseEcrHost(host, env) === undefined ? undefined : ECR_LAYERS,
    spaces: async (options) => ecr?.repositories(host) ?? (await harborProjects(ways.push, host, options)),
  };
}

/** Distribution specification, "Determining Support": `GET /v2/`. */
async function ping(session: Session, host: string, options: WaitOptions = {}): Promise<void> {
  const ask = { repository: '', scopes: [], what: `reach registry "${host}"`, signal: options.signal };
  await using response = await session.send({ ...ask, path: '/' });
  if (response.status === 200 && !isHtml(response.headers)) return;
  const error = await session.refuse(response, ask);
  if (error.code === 'ERR_REGISTRY_DENIED') throw error;
  throw error.with({
    what: ask.what,
    code: 'ERR_REGISTRY_UNREACHABLE',
    hint: `No registry answers at "${host}": check the host and the port.`,
  });
}
