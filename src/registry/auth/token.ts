import { collectBytes } from '../../internal/bytes.ts';
import type { HttpClient, HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import { isRecord } from '../../internal/json.ts';
import { basicHeader, type Credential } from '../credentials/credential.ts';
import { FORWARDED_HINT } from '../session/remedy.ts';
import { type Attempt, refusal, unreachable } from '../session/refusal.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Challenge } from './challenge.ts';
import type { Scope } from './scope.ts';

/** A token from a token service. */
export interface Token {
  readonly value: string;
  /** Time (milliseconds, on the caller's clock) after which to stop sending it. */
  readonly expires: number;
}

export interface TokenRequest {
  readonly challenge: Challenge;
  readonly scopes: readonly Scope[];
  /** Sent to the realm: the registry names it, and the credential is the registry's. */
  readonly credential: Credential | undefined;
  /** API root of the registry. */
  readonly root: string;
  readonly attempt: Attempt;
  /** Milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

const REPLY_LIMIT = 1024 * 1024;
/** Distribution, `docs/spec/auth/token.md`: the lifetime when the reply names none. */
const DEFAULT_SECONDS = 60;
const CLIENT_ID = 'saddlebag';

/**
 * Returns a token for a Bearer challenge: by GET, with the password if there is one, or by POST for an identity token
 * (distribution, `docs/spec/auth/token.md` and `oauth.md`). A token that allows less than requested is no error here: the
 * request that needs it will fail.
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`
 */
export async function requestToken(http: HttpClient, request: TokenRequest): Promise<Token> {
  const realm = realmOf(request, request.attempt);
  const attempt = { ...request.attempt, asked: realm.host };
  const asked = request.now();
  try {
    await using response = await (request.credential?.type === 'identity-token'
      ? postForm(http, realm, request, request.credential.token)
      : get(http, realm, request));
    if (response.status !== 200 || isHtml(response.headers)) throw await refusal(response, attempt);
    return decodeToken(await readReply(response, attempt), { asked, attempt });
  } catch (error) {
    throw unreachable(error, attempt);
  }
}

/** A registry that speaks TLS but names a plain HTTP realm would expose its users' passwords on the way. */
function realmOf({ challenge, root }: TokenRequest, attempt: Attempt): URL {
  const realm = URL.parse(challenge.parameters['realm'] ?? '', root);
  const isHttp = realm !== null && /^https?:$/.test(realm.protocol);
  if (!isHttp || challenge.parameters['realm'] === undefined)
    throw denied(attempt, 'the registry names no token service');
  if (root.startsWith('https:') && realm.protocol === 'http:')
    throw denied(
      attempt,
      `the registry sends us to a token service on plain HTTP at "${realm.host}"`,
      FORWARDED_HINT,
    );
  return realm;
}

async function get(http: HttpClient, realm: URL, request: TokenRequest): Promise<HttpResponse> {
  const { challenge, scopes, credential, signal } = request;
  const { service } = challenge.parameters;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  url.searchParams.set('client_id', CLIENT_ID);
  const headers = credential?.type === 'password' ? { authorization: basicHeader(credential) } : {};
  return await http.request(url.href, { headers, signal });
}

async function postForm(
  http: HttpClient,
  realm: URL,
  { challenge, scopes, signal }: TokenRequest,
  identityToken: string,
): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: identityToken,
    service: challenge.parameters['service'] ?? '',
    scope: scopes.join(' '),
    client_id: CLIENT_ID,
  });
  return await http.request(realm.href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    // The form is the credential, so a redirect must not carry it elsewhere.
    isPrivate: true,
    signal,
  });
}

async function readReply(response: HttpResponse, attempt: Attempt): Promise<unknown> {
  const onExcess = (): RegistryError => unreadable(attempt);
  const bytes = await collectBytes(response.body, { limit: REPLY_LIMIT, onExcess });
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // The parser quotes what it could not read, which may be a token, so its error is not passed on.
    throw unreadable(attempt);
  }
}

function decodeToken(
  reply: unknown,
  { asked, attempt }: { readonly asked: number; readonly attempt: Attempt },
): Token {
  if (!isRecord(reply)) throw unreadable(attempt);
  const { token, access_token, expires_in } = reply;
  const value = [token, access_token].find((each) => typeof each === 'string' && each !== '');
  // A line break in a header would start a second header.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw unreadable(attempt);
  const seconds = typeof expires_in === 'number' && expires_in > 0 ? expires_in : DEFAULT_SECONDS;
  // A margin, because the token must outlive the trip to the registry, and clocks drift.
  return { value, expires: asked + seconds * 1000 * 0.9 };
}

function unreadable(attempt: Attempt): RegistryError {
  return new RegistryError('ERR_REGISTRY_FAILED', {
    what: attempt.what,
    fact: 'the reply of the token service cannot be read',
  });
}

function denied(attempt: Attempt, fact: string, hint?: string): RegistryError {
  return new RegistryError('ERR_REGISTRY_DENIED', { what: attempt.what, fact }, { hint });
}
