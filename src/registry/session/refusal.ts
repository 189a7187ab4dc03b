import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { HttpStatusError, isHtml } from '../../internal/http/status.ts';
import { decodeErrorBody } from './error-body.ts';
import { RegistryError } from './registry-error.ts';

/** What an error message starts from. */
export interface Attempt {
  /** `fetch manifest "docker.io/rancher/rancher:v2.9.2"` */
  readonly what: string;
  readonly host: string;
  /** Who we said we were, for the hint. */
  readonly user?: string | undefined;
}

/** Returns the error for an answer that is not the one hoped for, and lets go of the response. */
export async function refusal(response: HttpResponse, attempt: Attempt): Promise<RegistryError> {
  const { status } = response;
  const page = isHtml(response.headers);
  const { codes, words } = await decodeErrorBody(response);
  const fact = page
    ? `the server answered ${status} with a web page, so it is no registry, or a proxy stands before it`
    : `the registry answered ${status}${words === undefined ? '' : ` and says "${words}"`}`;
  return new RegistryError(
    page && status < 400 ? 'ERR_REGISTRY_FAILED' : codeOf(status),
    { what: attempt.what, fact },
    {
      status,
      words,
      registryCodes: codes,
      url: redactUrl(response.url),
      hint: hintOf(status, attempt),
    },
  );
}

/** Returns a failure of the HTTP client in the words of this room; anything else stays what it is. */
export function unreachable(error: unknown, attempt: Attempt): unknown {
  const code = networkCodeOf(error);
  if (code === undefined || !isSaddlebagError(error)) return error;
  return new RegistryError(
    code,
    { what: attempt.what, fact: factOf(error) },
    {
      hint: (error instanceof HttpStatusError ? hintOf(error.status, attempt) : undefined) ?? error.hint,
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

function hintOf(status: number, { host, user }: Attempt): string | undefined {
  if (status !== 401 && status !== 403) return undefined;
  if (user === undefined)
    return `No credentials are known for "${host}": run "docker login ${host}", or write them under registries.configs. Some registries answer so for a repository that does not exist`;
  return `It was asked as user "${user}": check the password and the rights of that user at "${host}", and that the repository exists`;
}
