import { join } from 'node:path';
import type { Finding } from '../../internal/finding.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { canonicalHost, type RegistrySettings } from '../settings/settings.ts';
import { SingleFlight } from '../session/single-flight.ts';
import { type AuthFile, credentialOf, readAuthFile } from './auth-file.ts';
import type { Credential, CredentialStore } from './credential.ts';
import { AskedPrograms } from './asked-programs.ts';
import { settingsCredential } from './settings-credential.ts';

export interface CredentialStoreOptions {
  readonly settings?: RegistrySettings | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** Called once for each helper program that cannot be asked. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Returns the user's credentials. The first source that has the host wins: `configs.<host>.auth` of the settings, Docker's
 * `config.json`, the containers `auth.json`. Within a file, the order is the host's helper, the helper for all hosts, the entry
 * in the file. Files are read once, on the first question. A helper that fails is passed over: most images are public, and for
 * the others `faultOf` says why there is no credential.
 */
export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { settings, env, home, onFinding } = options;
  let files: Promise<readonly AuthFile[]> | undefined;
  const found = new Map<string, Credential | undefined>();
  const searches = new SingleFlight<Credential | undefined>();
  const helpers = new AskedPrograms({ env, onFinding });

  async function search(
    host: string,
    repository: string,
    signal: AbortSignal | undefined,
  ): Promise<Credential | undefined> {
    const own = settingsCredential(settings, host);
    if (own !== undefined) return own;
    files ??= readAuthFiles(pathsOf(env, home));
    for (const file of await files) {
      const helper = helperOf(file, host);
      const asked = helper === undefined ? undefined : await helpers.ask(helper, host, signal);
      const credential = asked ?? credentialOf(file, host, repository);
      if (credential !== undefined) return credential;
    }
    return undefined;
  }

  return {
    find: async (
      host,
      { repository = '', signal }: WaitOptions & { readonly repository?: string | undefined } = {},
    ) => {
      const key = `${host}/${repository}`;
      if (found.has(key)) return found.get(key);
      const credential = await searches.run(key, () => search(host, repository, signal), signal);
      found.set(key, credential);
      return credential;
    },
    faultOf: (host) => helpers.faultOf(host),
  };
}

/** A store without credentials. */
export const NO_CREDENTIALS: CredentialStore = { find: async () => undefined };

async function readAuthFiles(paths: readonly string[]): Promise<readonly AuthFile[]> {
  const files = await Promise.all(paths.map((path) => readAuthFile(path)));
  return files.filter((file) => file !== undefined);
}

/** `docker login` and containers-auth.json(5) write here. */
function pathsOf(env: CredentialStoreOptions['env'], home: string): readonly string[] {
  const docker = join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json');
  if (env['REGISTRY_AUTH_FILE']) return [docker, env['REGISTRY_AUTH_FILE']];
  const runtime = env['XDG_RUNTIME_DIR'];
  return [
    docker,
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
  ];
}

function helperOf(file: AuthFile, host: string): string | undefined {
  const entry = Object.entries(file.credHelpers).find(
    ([key]) => canonicalHost(key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')) === canonicalHost(host),
  );
  const name = entry?.[1];
  return typeof name === 'string' && name !== '' ? name : file.credsStore;
}
