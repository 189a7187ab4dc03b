import { errors } from 'undici';
import { messageOf, SaddlebagError, type SaddlebagErrorOptions, systemCode } from '../error.ts';
import type { ErrorCode } from '../error-code.ts';
import { TooSlowError } from './least-rate.ts';
import { redactUrl } from './redact.ts';
import { SocksError } from './route/socks.ts';

/** A request that got no answer, or an answer that broke off. */
export class NetworkError extends SaddlebagError {
  /** Whether a retry may succeed. */
  readonly transient: boolean;
  /** Whether data only trickles in, so that progress is no reason to keep retrying. */
  readonly isSlow: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: SaddlebagErrorOptions & {
      readonly transient: boolean;
      readonly isSlow?: boolean | undefined;
    },
  ) {
    super(code, message, options);
    this.transient = options.transient;
    this.isSlow = options.isSlow ?? false;
  }
}

/** What was attempted when the error happened. */
export interface Attempt {
  readonly method: string;
  readonly url: string | URL;
  /** The proxy in between, safe for messages. */
  readonly proxy?: string | undefined;
  /** Whether this host has answered before. A host that has is probably restarting; one that never did is misspelt or down. */
  readonly answered?: boolean | undefined;
}

interface Explanation {
  readonly fact: string;
  readonly hint?: string | undefined;
  /** Prospects of a retry: `likely` when left out, `absent` when nobody seems to be there, `never` when it must fail again. */
  readonly prospect?: 'likely' | 'absent' | 'never' | undefined;
  readonly code?: ErrorCode | undefined;
}

/** Returns what was attempted, in the words that start a message: `Cannot fetch "https://host/path"`. */
export function describeAttempt({ method, url }: Attempt): string {
  const verb = method === 'GET' || method === 'HEAD' ? 'fetch' : 'send to';
  return `Cannot ${verb} "${redactUrl(url)}"`;
}

/** Returns a network error in words that a user understands, with a hint what to do. */
export function networkError(error: unknown, attempt: Attempt): NetworkError {
  const { fact, hint, code, prospect = 'likely' } = explain(error, attempt);
  const through = attempt.proxy === undefined ? '' : ` (through the proxy "${attempt.proxy}")`;
  return new NetworkError(code ?? 'ERR_NETWORK_FAILED', `${describeAttempt(attempt)}: ${fact}${through}`, {
    hint: hint ?? (attempt.proxy === undefined ? undefined : PROXY_HINT),
    cause: error,
    isSlow: error instanceof TooSlowError,
    transient: prospect === 'likely' || (prospect === 'absent' && attempt.answered === true),
  });
}

const PROXY_HINT = 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.';
const TRUST_HINT =
  'If the certificate authority is your own, name its PEM file with --ca-file, as ca_file under registries.configs, or in NODE_EXTRA_CA_CERTS.';

function explain(error: unknown, { url, proxy }: Attempt): Explanation {
  if (error instanceof SocksError)
    return { fact: error.message, hint: PROXY_HINT, prospect: error.isAnswer ? 'absent' : 'never' };
  if (error instanceof TooSlowError)
    return {
      fact: error.message,
      hint: 'Run the command again, later or over another line: it continues from what is already here.',
      code: 'ERR_NETWORK_TIMEOUT',
    };
  const code = codeOf(error);
  return (
    explainConnection(code, new URL(proxy ?? url), proxy !== undefined) ??
    explainTransfer(code) ??
    explainTls(code, new URL(url)) ??
    explainProtocol(code, error, new URL(url))
  );
}

/** Codes of libuv and undici; `dialled` is the host that was called: the proxy, if there is one. */
function explainConnection(code: string, dialled: URL, isProxy: boolean): Explanation | undefined {
  const hint = isProxy
    ? PROXY_HINT
    : `Check the address, the network and HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`;
  switch (code) {
    case 'ENOTFOUND':
      return { fact: `the host name "${dialled.hostname}" is not known`, hint, prospect: 'absent' };
    case 'EAI_AGAIN':
      return { fact: `the host name "${dialled.hostname}" cannot be looked up at the moment`, hint };
    case 'ECONNREFUSED':
      return {
        fact: `the connection to "${dialled.host}" was refused`,
        hint: isProxy ? PROXY_HINT : 'Check that the server runs and that the port is right.',
        prospect: 'absent',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return { fact: `the host "${dialled.hostname}" cannot be reached`, hint, prospect: 'absent' };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return {
        fact: `the host "${dialled.hostname}" did not take the connection in time`,
        hint,
        prospect: 'absent',
        code: 'ERR_NETWORK_TIMEOUT',
      };
    default:
      return undefined;
  }
}

function explainTransfer(code: string): Explanation | undefined {
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { fact: 'the server did not answer in time', code: 'ERR_NETWORK_TIMEOUT' };
    case 'UND_ERR_BODY_TIMEOUT':
      return { fact: 'the server stopped sending', code: 'ERR_NETWORK_TIMEOUT' };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'UND_ERR_SOCKET':
      return { fact: 'the connection broke off' };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { fact: 'the answer ended early' };
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return {
        fact: 'the content to be sent is longer or shorter than announced',
        prospect: 'never',
        code: 'ERR_SIZE_MISMATCH',
      };
    default:
      return undefined;
  }
}

/** Codes of OpenSSL, as Node names them. */
function explainTls(code: string, url: URL): Explanation | undefined {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        fact: `the certificate of "${url.host}" is not signed by an authority this machine trusts`,
        hint: TRUST_HINT,
        prospect: 'never',
      };
    case 'CERT_HAS_EXPIRED':
      return {
        fact: `the certificate of "${url.host}" has expired`,
        hint: `${clock()} If that is right, renew the certificate at the server.`,
        prospect: 'never',
      };
    case 'CERT_NOT_YET_VALID':
      return {
        fact: `the certificate of "${url.host}" is not valid yet`,
        hint: `${clock()} If that is right, the certificate is only for later, or was made on a host whose clock was ahead.`,
        prospect: 'never',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        fact: `the certificate of the server is not for "${url.hostname}"`,
        hint: 'Use the host name that the certificate was made for, or make one that names this host.',
        prospect: 'never',
      };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'EPROTO':
      return {
        fact: `"${url.host}" does not speak TLS`,
        hint: 'If the server speaks plain HTTP, write http:// in its address.',
        prospect: 'absent',
      };
    default:
      if (!code.startsWith('ERR_SSL_')) return undefined;
      return {
        fact: `"${url.host}" refused the TLS handshake (${code})`,
        hint: 'If the server asks for a client certificate, set cert_file and key_file under registries.configs.',
        prospect: 'absent',
      };
  }
}

/** Where there is no internet there is often no time server, so show our time for the user to compare. */
function clock(): string {
  return `The clock of this machine says ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC: set it if that is wrong.`;
}

function explainProtocol(code: string, error: unknown, url: URL): Explanation {
  if (error instanceof errors.HTTPParserError) return explainGarbled(error, url);
  // undici reports a proxy's answer only in the message text.
  const status = /Proxy response \((\d+)\)|\((407)\)$/.exec(messageOf(error));
  const refusal = status?.[1] ?? status?.[2];
  if (refusal === '407')
    return {
      fact: 'the proxy asks for a user name and password',
      hint: 'Write them into HTTP_PROXY and HTTPS_PROXY: http://user:password@host:port',
      prospect: 'never',
    };
  if (refusal !== undefined) return { fact: `the proxy answered ${refusal}`, hint: PROXY_HINT };
  if (code === 'UND_ERR_INVALID_ARG')
    return { fact: `the request cannot be sent, ${messageOf(error)}`, prospect: 'never' };
  return { fact: code === '' ? 'the connection failed' : `the connection failed (${code})` };
}

/** A garbled answer from a host that spoke HTTP before is one that broke off, and one that begins as HTTP shows that it speaks it. */
function explainGarbled({ message }: errors.HTTPParserError, { protocol }: URL): Explanation {
  const isHttp = /Missing expected (?:CR|LF)|after (?:response line|header|chunk)/.test(message);
  if (isHttp)
    return {
      fact: 'the answer of the server is not valid HTTP',
      hint: 'Some servers answer so when they limit how much they serve, and some proxies when they are in trouble: try again later, or log in to the server.',
    };
  const hint = protocol === 'http:' ? 'If the server speaks TLS, write https:// in its address.' : undefined;
  return { fact: 'the server does not answer in HTTP', hint, prospect: 'absent' };
}

/** Searches wrapped errors: several addresses tried at once, a proxy's tunnel, a cause. */
function codeOf(error: unknown): string {
  const own = systemCode(error) ?? '';
  if (!(error instanceof Error)) return own;
  if (error instanceof AggregateError && own === '') return codeOf(error.errors[0]);
  const isWrapper = own === '' || own === 'UND_ERR_PRX_TLS' || own === 'UND_ERR_PRX_CONN';
  return (isWrapper && error.cause !== undefined ? codeOf(error.cause) : own) || own;
}
