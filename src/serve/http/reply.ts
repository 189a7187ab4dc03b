import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';

/** A code from the OCI distribution specification, "Error Codes", or another that registries commonly use. */
type OciErrorCode =
  | 'BLOB_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'TAG_INVALID'
  | 'PAGINATION_NUMBER_INVALID'
  | 'RANGE_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNAVAILABLE'
  | 'UNKNOWN'
  | 'UNSUPPORTED';

export interface Problem {
  readonly code: OciErrorCode;
  readonly message: string;
}

/** Sends a small answer; for `HEAD`, only its headers. */
export function sendBytes(
  { response, method }: Pick<Exchange, 'response' | 'method'>,
  status: number,
  options: {
    readonly type: string;
    readonly bytes: Uint8Array | string;
    readonly headers?: OutgoingHttpHeaders | undefined;
  },
): void {
  const { type, bytes, headers } = options;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(bytes),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** Sends a JSON document. */
export function sendJson(
  exchange: Pick<Exchange, 'response' | 'method'>,
  document: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const options = { type: 'application/json; charset=utf-8', bytes: JSON.stringify(document), headers };
  sendBytes(exchange, 200, options);
}

/** Sends an error in the form that every client of a registry reads. */
export function sendProblem(
  response: ServerResponse,
  status: number,
  problem: Problem & { readonly headers?: OutgoingHttpHeaders | undefined },
): void {
  const { code, message, headers } = problem;
  const type = 'application/json; charset=utf-8';
  const bytes = JSON.stringify({ errors: [{ code, message }] });
  const method = response.req.method === 'HEAD' ? 'HEAD' : 'GET';
  sendBytes({ response, method }, status, { type, bytes, headers });
}
