import type { HttpClient } from '../../internal/http/http.ts';
import type { Spaces, WaitOptions } from '../../oci/roles.ts';
import type { CredentialStore } from '../credentials/credential.ts';
import { LookUps } from '../session/look-ups.ts';
import type { EcrApiOptions } from './api.ts';
import { type EcrHost, parseEcrHost } from './host.ts';
import { type AwsKeys, type AwsUser, findAwsKeys } from './keys.ts';
import { EcrLogins } from './login.ts';
import { ecrRepositories } from './repositories.ts';

/** Amazon ECR as one user has it. */
export interface Ecr {
  /** Returns a store that logs in with the user's AWS keys where `others` has nothing for a host of ECR. */
  logsIn(others: CredentialStore): CredentialStore;
  /** Returns the repositories of a host of ECR; `undefined` for any other host. */
  repositories(host: string): Spaces | undefined;
}

interface EcrOptions {
  readonly http: HttpClient;
  readonly user: AwsUser;
  /** A monotonic clock (milliseconds). */
  readonly now: () => number;
}

/** Returns what Amazon ECR does for the owner of AWS keys. They are read when first needed, and go to its API alone. */
export function createEcr({ http, user, now }: EcrOptions): Ecr {
  let found: Promise<AwsKeys | undefined> | undefined;
  const keys = async (): Promise<AwsKeys | undefined> => await (found ??= findAwsKeys(user));
  const logins = new EcrLogins(now);
  const apiOf = async (registry: EcrHost): Promise<EcrApiOptions | undefined> => {
    const own = await keys();
    return own === undefined ? undefined : { http, registry, keys: own };
  };

  return {
    logsIn: (others) => ({
      find: async (host, options: WaitOptions & { readonly repository?: string | undefined } = {}) => {
        const known = await others.find(host, options);
        const registry = known === undefined ? parseEcrHost(host, user.env) : undefined;
        if (registry === undefined) return known;
        return await logins.find(host, () => apiOf(registry), options.signal);
      },
      faultOf: (host) => others.faultOf?.(host) ?? logins.faultOf(host),
    }),
    repositories: (host) => {
      const registry = parseEcrHost(host, user.env);
      if (registry === undefined) return undefined;
      return ecrRepositories({
        registry,
        lookUps: new LookUps(),
        api: () => apiOf(registry),
      });
    },
  };
}
