import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { HttpStatusError, isHtml } from '../../internal/http/status.ts';
import { decodeErrorBody } from './error-body.ts';
import { canonicalHost } from '../settings/settings.ts';
import { RegistryError } from './registry-error.ts';
import { type Answer, remedyFor } from './remedy.ts';

/** The input of an error message. */
export interface Attempt {
  /** `fetch manifest "docker.io/rancher/rancher:v2.9.2"` */
  readonly what: string;
  /** The registry's host, the key for its credentials. */
  readonly host: string;
  /** The host that was asked if it is not the registry itself, such as its token service. */
  readonly asked?: string | undefined;
  /** The user name we sent, for the hint. */
  readonly user?: string | undefined;
  /** Whether a token service accepted this user. */
  readonly hasToken?: boolean | undefined;
  /** Why a credential that the user seems to have could not be got. */
  readonly fault?: SaddlebagError | undefined;
}

/** Returns the error for an unexpected answer, and disposes of the response. */
export async function refusal(response: HttpResponse, attempt: Attempt): Promise<RegistryError> {
  const { status } = response;
  const page = isHtml(response.headers);
  const { codes, words } = await decodeErrorBody(response);
  const answer = { status, page, words, other: otherHost(response.url, attempt) };
  return new RegistryError(
    page && status < 400 ? 'ERR_REGISTRY_FAILED' : codeOf(status),
    { what: attempt.what, fact: factOfAnswer(answer) },
    {
      status,
      words,
      registryCodes: codes,
      url: redactUrl(response.url),
      hint: remedyFor(answer, attempt),
      mayBeAbsent: !page && mayBeAbsent(status, attempt),
    },
  );
}

function factOfAnswer({ status, page, words, other }: Answer): string {
  if (status === 413)
    return `the request is too large for the server, or for a proxy in front of it, which answered 413`;
  if (page)
    return `the server answered ${status} with a web page, so it is no registry, or a proxy stands in front of it`;
  return `${whoAnswered(other)} answered ${status}${words === undefined ? '' : ` and says "${words}"`}`;
}

/** Returns the host that answered if a redirect led away from the requested one. */
function otherHost(url: string, { host, asked = host }: Attempt): string | undefined {
  const answered = new URL(url).host;
  return canonicalHost(answered) === canonicalHost(asked) ? undefined : answered;
}

function whoAnswered(other: string | undefined): string {
  return other === undefined ? 'the registry' : `"${other}", where the registry sent us,`;
}

/**
 * Returns whether a refusal may mean that the content does not exist. Public registries do not distinguish that from content
 * others may not see. Only a 401 to a user name and password that no token service accepted is certainly about the credentials.
 */
function mayBeAbsent(status: number, { user, hasToken = false }: Attempt): boolean {
  return status === 403 || (status === 401 && (user === undefined || hasToken));
}

/** Returns an HTTP client's failure as a registry error; anything else unchanged. */
export function unreachable(error: unknown, attempt: Attempt): unknown {
  const code = networkCodeOf(error);
  if (code === undefined || !isSaddlebagError(error)) return error;
  const { what } = attempt;
  if (!(error instanceof HttpStatusError))
    return new RegistryError(code, { what, fact: factOf(error) }, { hint: error.hint, cause: error });
  const { status, url } = error;
  const other = otherHost(url, attempt);
  const fact = factOf(error).replace(/^the server\b/, whoAnswered(other));
  const remedy = remedyFor({ status, words: error.message, page: false, other }, attempt);
  return new RegistryError(
    code,
    { what, fact },
    { status, url: redactUrl(url), hint: remedy ?? error.hint, cause: error },
  );
}

function networkCodeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof RegistryError || !isSaddlebagError(error)) return undefined;
  if (error instanceof HttpStatusError) return codeOf(error.status);
  if (error.code === 'ERR_NETWORK_FAILED' || error.code === 'ERR_NETWORK_TIMEOUT')
    return 'ERR_REGISTRY_UNREACHABLE';
  return error.code.startsWith('ERR_HTTP_') ? 'ERR_REGISTRY_FAILED' : undefined;
}

/** The client's message names a URL; ours names the content. */
function factOf(error: SaddlebagError): string {
  const colon = error.message.indexOf('": ');
  return colon === -1 ? error.message : error.message.slice(colon + 3);
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'ERR_REGISTRY_DENIED';
  return status === 404 || status === 410 ? 'ERR_UPSTREAM_NOT_FOUND' : 'ERR_REGISTRY_FAILED';
}
