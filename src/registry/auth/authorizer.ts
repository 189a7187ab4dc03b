import type { HttpClient, HttpHeaders } from '../../internal/http/http.ts';
import { basicHeader, type Credential, type CredentialStore } from '../credentials/credential.ts';
import type { Attempt } from '../session/refusal.ts';
import { RegistryError } from '../session/registry-error.ts';
import { SingleFlight } from '../session/single-flight.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { mergeScopes, parseScopes, type Scope } from './scope.ts';
import { requestToken, type Token } from './token.ts';

/** What an authorization header is for. */
export interface Ask {
  /** Name of the repository at the endpoint; empty for the registry as such. */
  readonly repository: string;
  readonly scopes: readonly Scope[];
  /** `fetch manifest "…"`, for messages. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** The parts of a 401 that matter here. */
export interface Denial {
  /** The URL that answered, which after a redirect is not the requested one. */
  readonly url: string;
  readonly headers: HttpHeaders;
}

export interface AuthorizerOptions {
  readonly http: HttpClient;
  /** Host with its port. Only this host's credentials are ever used. */
  readonly host: string;
  readonly credentials: CredentialStore;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Authorizes requests to one endpoint, as its challenges require. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Token>();
  readonly #flights = new SingleFlight<Token>();
  /** Scopes that the registry demanded beyond the requested ones. */
  readonly #grown = new Map<string, readonly Scope[]>();
  #challenge: Challenge | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Whether the registry has asked for anything. */
  get isChallenged(): boolean {
    return this.#challenge !== undefined;
  }

  /** Returns the header, or `undefined` when none is required or no credential is known. */
  async header(ask: Ask, root: string): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    const credential = await this.#credential(ask);
    if (challenge.scheme === 'basic')
      return credential?.type === 'password' ? basicHeader(credential) : undefined;
    const scopes = this.#scopesOf(ask);
    const key = JSON.stringify([challenge.parameters, scopes, ask.repository]);
    const known = this.#tokens.get(key);
    if (known !== undefined && known.expires > this.#options.now()) return `Bearer ${known.value}`;
    const { http, now } = this.#options;
    const request = {
      challenge,
      scopes,
      credential,
      root,
      now,
      attempt: this.#attempt('get a token', credential),
      signal: ask.signal,
    };
    try {
      const token = await this.#flights.run(key, () => requestToken(http, request), ask.signal);
      this.#tokens.set(key, token);
      return `Bearer ${token.value}`;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      // Many requests may wait for one token: each error says which request it stopped.
      throw error.with({ what: ask.what, fact: `no token was given: ${error.fact}` });
    }
  }

  /** Returns the header with user name and password, or `undefined` when they are unknown. */
  async basic(ask: Ask): Promise<string | undefined> {
    const credential = await this.#credential(ask);
    return credential?.type === 'password' ? basicHeader(credential) : undefined;
  }

  /**
   * Learns from a 401 that `sent` caused. Returns whether a retry may fare better: with a new token, or with a password where
   * none was sent. Only the registry itself, at `root`, is trusted: the target of a redirect could name a token service of its
   * own and receive the password there (CVE-2020-15157 of containerd).
   */
  async learn(
    denial: Denial,
    request: { readonly ask: Ask; readonly sent?: string | undefined; readonly root: string },
  ): Promise<boolean> {
    const { ask, sent, root } = request;
    if (new URL(denial.url).origin !== new URL(root).origin) return false;
    const challenges = parseChallenges(denial.headers['www-authenticate'] ?? '');
    const challenge =
      challenges.find(({ scheme }) => scheme === 'bearer') ??
      challenges.find(({ scheme }) => scheme === 'basic');
    if (challenge === undefined) return false;
    const { scope, ...parameters } = challenge.parameters;
    this.#challenge = { scheme: challenge.scheme, parameters };
    this.#grown.set(ask.scopes.join(' '), mergeScopes([...this.#scopesOf(ask), ...parseScopes(scope)]));
    if (challenge.scheme === 'bearer') {
      this.#forget(sent);
      return true;
    }
    return sent === undefined && (await this.#credential(ask))?.type === 'password';
  }

  /** Returns the input for the error of a refused request. */
  async describe(ask: Ask): Promise<Attempt> {
    const challenge = this.#challenge;
    const credential = challenge === undefined ? undefined : await this.#credential(ask);
    // Without a token, the registry was never asked.
    return { ...this.#attempt(ask.what, credential), hasToken: challenge?.scheme === 'bearer' };
  }

  #attempt(what: string, credential: Credential | undefined): Attempt {
    const { host, credentials } = this.#options;
    const user = credential?.type === 'password' ? credential.username : undefined;
    return {
      what,
      host,
      fault: credentials.faultOf?.(host),
      user: credential?.type === 'identity-token' ? 'of the identity token' : user,
    };
  }

  /** Keeps a token that another request has renewed in the meantime. */
  #forget(sent: string | undefined): void {
    for (const [key, token] of this.#tokens) if (`Bearer ${token.value}` === sent) this.#tokens.delete(key);
  }

  #scopesOf(ask: Ask): readonly Scope[] {
    return this.#grown.get(ask.scopes.join(' ')) ?? mergeScopes(ask.scopes);
  }

  async #credential({ repository, signal }: Ask): Promise<Credential | undefined> {
    return await this.#options.credentials.find(this.#options.host, { repository, signal });
  }
}
