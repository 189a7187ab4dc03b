import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { HttpStatusError, isHtml } from '../../internal/http/status.ts';
import { decodeErrorBody } from './error-body.ts';
import { RegistryError } from './registry-error.ts';
import { type Answer, remedyFor } from './remedy.ts';

/** What an error message starts from. */
export interface Attempt {
  /** `fetch manifest "docker.io/rancher/rancher:v2.9.2"` */
  readonly what: string;
  readonly host: string;
  /** Who we said we were, for the hint. */
  readonly user?: string | undefined;
  /** Whether a token service has let this user in. */
  readonly hasToken?: boolean | undefined;
}

/** Returns the error for an answer that is not the one hoped for, and lets go of the response. */
export async function refusal(response: HttpResponse, attempt: Attempt): Promise<RegistryError> {
  const { status } = response;
  const page = isHtml(response.headers);
  const { codes, words } = await decodeErrorBody(response);
  const answer = { status, page, words };
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

function factOfAnswer({ status, page, words }: Answer): string {
  if (status === 413)
    return `the request is too large for the server, or for a proxy before it, which answered 413`;
  if (page)
    return `the server answered ${status} with a web page, so it is no registry, or a proxy stands before it`;
  return `the registry answered ${status}${words === undefined ? '' : ` and says "${words}"`}`;
}

/**
 * Returns whether a refusal may say that there is no such thing. Public registries tell nobody what they do not have
 * from what others may not see. Only 401 to a name and a password that no token service accepted is about these.
 */
function mayBeAbsent(status: number, { user, hasToken = false }: Attempt): boolean {
  return status === 403 || (status === 401 && (user === undefined || hasToken));
}

/** Returns a failure of the HTTP client in the words of this room; anything else stays what it is. */
export function unreachable(error: unknown, attempt: Attempt): unknown {
  const code = networkCodeOf(error);
  if (code === undefined || !isSaddlebagError(error)) return error;
  return new RegistryError(
    code,
    { what: attempt.what, fact: factOf(error) },
    {
      hint: remedyOf(error, attempt) ?? error.hint,
      cause: error,
      ...(error instanceof HttpStatusError ? { status: error.status } : {}),
    },
  );
}

function networkCodeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof RegistryError || !isSaddlebagError(error)) return undefined;
  if (error instanceof HttpStatusError) return codeOf(error.status);
  if (error.code === 'ERR_NETWORK_FAILED' || error.code === 'ERR_NETWORK_TIMEOUT')
    return 'ERR_REGISTRY_UNREACHABLE';
  return error.code.startsWith('ERR_HTTP_') ? 'ERR_REGISTRY_FAILED' : undefined;
}

/** The client's message says what it attempted in terms of a URL; ours says it in terms of content. */
function factOf(error: SaddlebagError): string {
  const colon = error.message.indexOf('": ');
  return colon === -1 ? error.message : error.message.slice(colon + 3);
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'ERR_REGISTRY_DENIED';
  return status === 404 || status === 410 ? 'ERR_UPSTREAM_NOT_FOUND' : 'ERR_REGISTRY_FAILED';
}

function remedyOf(error: SaddlebagError, attempt: Attempt): string | undefined {
  if (!(error instanceof HttpStatusError)) return undefined;
  return remedyFor({ status: error.status, words: error.message, page: false }, attempt);
}
