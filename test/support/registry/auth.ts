import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may use the in-process registry, and how they say so. */
export interface RegistryAuth {
  readonly scheme: 'basic' | 'bearer';
  readonly username: string;
  readonly password: string;
  /** Accepted by POST at the token endpoint instead of the password. */
  readonly identityToken?: string;
  /** Whether a token for pulling is given to anyone. */
  readonly anonymousPull?: boolean;
  /** What the token reply says (seconds); 300 when left out. */
  readonly tokenSeconds?: number;
  /** A token is refused from then on, whatever its reply said. */
  readonly tokenUses?: number;
  readonly tokenKey?: 'token' | 'access_token';
  /** Puts the token endpoint on another port, and so on another origin. */
  readonly ownRealm?: boolean;
}

/** What a request needs: an action on a repository, or, with neither, just to be let in. */
export interface Need {
  readonly repository?: string;
  readonly actions: readonly string[];
}

/** Guards a registry: judges requests, hands out tokens. */
export class Doorkeeper {
  readonly #auth: RegistryAuth;
  readonly #tokens = new Map<string, { grants: Map<string, string[]>; uses: number }>();

  constructor(auth: RegistryAuth) {
    this.#auth = auth;
  }

  /** Returns whether the request's credentials cover all that it needs. */
  admits(request: IncomingMessage, needs: readonly Need[]): boolean {
    const header = request.headers.authorization ?? '';
    if (this.#auth.scheme === 'basic') return header === this.#basic();
    const token = this.#tokens.get(header.replace(/^Bearer /, ''));
    if (token === undefined || token.uses >= (this.#auth.tokenUses ?? Infinity)) return false;
    token.uses += 1;
    return needs.every(
      ({ repository, actions }) =>
        repository === undefined ||
        actions.every((action) => token.grants.get(repository)?.includes(action) === true),
    );
  }

  /** Returns the challenge of a 401. */
  challenge(realm: string, needs: readonly Need[]): string {
    if (this.#auth.scheme === 'basic') return 'Basic realm="a, registry"';
    const scopes = needs
      .filter(({ repository }) => repository !== undefined)
      .map(({ repository, actions }) => `repository:${repository}:${actions.join(',')}`);
    const scope = scopes.length === 0 ? '' : `,scope="${scopes.join(' ')}"`;
    return `Bearer realm="${realm}",service="in-process registry"${scope}`;
  }

  forget(request: IncomingMessage): void {
    this.#tokens.delete((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  }

  /** Returns the reply of the token endpoint, or `undefined` for 401. `form` is what was posted. */
  token(
    request: IncomingMessage,
    query: URLSearchParams,
    form?: URLSearchParams,
  ): Record<string, unknown> | undefined {
    const known =
      form === undefined
        ? request.headers.authorization === this.#basic()
        : form.get('grant_type') === 'refresh_token' &&
          form.get('refresh_token') === this.#auth.identityToken;
    const anonymous = form === undefined && request.headers.authorization === undefined;
    if (!known && !anonymous) return undefined;
    const scopes = form === undefined ? query.getAll('scope') : (form.get('scope') ?? '').split(' ');
    const token = `token-${randomUUID()}`;
    this.#tokens.set(token, { grants: this.#grants(scopes, known), uses: 0 });
    return { [this.#auth.tokenKey ?? 'token']: token, expires_in: this.#auth.tokenSeconds ?? 300 };
  }

  #grants(scopes: readonly string[], known: boolean): Map<string, string[]> {
    const grants = new Map<string, string[]>();
    for (const scope of scopes.flatMap((text) => text.split(' '))) {
      const [, repository = '', actions = ''] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      const asked = actions.split(',');
      const allowed = known
        ? asked
        : asked.filter((action) => action === 'pull' && this.#auth.anonymousPull === true);
      grants.set(repository, [...(grants.get(repository) ?? []), ...allowed]);
    }
    return grants;
  }

  #basic(): string {
    return `Basic ${Buffer.from(`${this.#auth.username}:${this.#auth.password}`).toString('base64')}`;
  }
}
