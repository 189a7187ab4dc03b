import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../../internal/quote.ts';
import { type Credential, decodeBasic } from '../credentials/credential.ts';
import { RegistryError } from '../session/registry-error.ts';
import { SingleFlight } from '../session/single-flight.ts';
import { askEcr, type EcrApiOptions, endpointUrl } from './api.ts';
import type { EcrHost } from './host.ts';
import { refusalOfAws } from './refusal.ts';

/** A password that was got, or not. */
interface Login {
  readonly credential?: Credential | undefined;
  readonly fault?: SaddlebagError | undefined;
  /** When to ask again (milliseconds, on a monotonic clock). */
  readonly until: number;
}

/** Milliseconds: a password is not renewed more often, and never kept longer than ECR lets it be valid. */
const LEAST = 60_000;
const MOST = 11 * 60 * 60 * 1000;

/** The passwords of Amazon ECR of one run, got by its API with the user's AWS keys, and renewed before they expire. */
export class EcrLogins {
  readonly #now: () => number;
  readonly #logins = new Map<string, Login>();
  readonly #flights = new SingleFlight<Login>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns a credential, or `undefined` when there are no keys, or the API gives none: then `faultOf` says why. */
  async find(
    host: string,
    apiOf: () => Promise<EcrApiOptions | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<Credential | undefined> {
    const known = this.#logins.get(host);
    if (known !== undefined && this.#now() < known.until) return known.credential;
    const login = await this.#flights.run(host, () => this.#logIn(apiOf, signal), signal);
    this.#logins.set(host, login);
    return login.credential;
  }

  faultOf(host: string): SaddlebagError | undefined {
    return this.#logins.get(host)?.fault;
  }

  async #logIn(
    apiOf: () => Promise<EcrApiOptions | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<Login> {
    try {
      const api = await apiOf();
      if (api === undefined) return { until: Infinity };
      const { credential, lifetime } = await getPassword(api, signal);
      return { credential, until: this.#now() + Math.min(MOST, Math.max(LEAST, lifetime * 0.9)) };
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      return { fault: error, until: Infinity };
    }
  }
}

async function getPassword(
  api: EcrApiOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly credential: Credential; readonly lifetime: number }> {
  const what = `log in to "${api.registry.host}"`;
  const action = 'GetAuthorizationToken';
  const answer = await askEcr(api, { what, action, input: {}, signal });
  const [data]: readonly unknown[] = listIn(answer.document?.['authorizationData']);
  const token = isRecord(data) ? data['authorizationToken'] : undefined;
  const credential = typeof token === 'string' ? decodeBasic(token) : undefined;
  if (answer.status !== 200 || !isRecord(data) || credential === undefined)
    throw refusalOfAws(answer, { what, action, host: endpointUrl(api.registry, what).host, keys: api.keys });
  requireFor(api.registry, data['proxyEndpoint'], what);
  const expires = data['expiresAt'];
  return { credential, lifetime: typeof expires === 'number' ? expires * 1000 - Date.now() : MOST };
}

/**
 * Whoever names an image chooses its host: beside an API that the user named, a host of any domain may look like one of ECR. The
 * API says which host a password is for.
 */
function requireFor({ host, isOfAws }: EcrHost, proxyEndpoint: unknown, what: string): void {
  if (isOfAws) return;
  const named = typeof proxyEndpoint === 'string' ? URL.parse(proxyEndpoint)?.host : undefined;
  if (named === host.toLowerCase()) return;
  throw new RegistryError(
    'ERR_REGISTRY_DENIED',
    {
      what,
      fact: `the password that its API gives is for ${named === undefined ? 'no host' : quote(named)}`,
    },
    { hint: 'Log in to it as to any other registry, if it is one of yours: docker login.' },
  );
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
