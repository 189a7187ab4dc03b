import type { ErrorCode } from '../../internal/error-code.ts';
import { formatDuration } from '../../internal/format.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { AwsAnswer } from './answer.ts';
import type { AwsKeys } from './keys.ts';

/** What was asked of the API, and as whom. */
export interface AskedOfAws {
  /** `create repository "lab/app"` */
  readonly what: string;
  /** `CreateRepository`, and so the permission that it takes. */
  readonly action: string;
  /** Host of the API. */
  readonly host: string;
  readonly keys: AwsKeys;
}

const EXPIRED: ReadonlySet<string | undefined> = new Set(['ExpiredTokenException', 'ExpiredToken']);
const UNKNOWN_KEYS: ReadonlySet<string | undefined> = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'MissingAuthenticationTokenException',
]);
const WRONG_SIGNATURE: ReadonlySet<string | undefined> = new Set([
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignatureException',
  'IncompleteSignature',
]);
const WRONG_TIME: ReadonlySet<string | undefined> = new Set(['RequestExpired', 'RequestTimeTooSkewed']);
const FULL: ReadonlySet<string | undefined> = new Set(['LimitExceededException']);
const WRONG_NAME: ReadonlySet<string | undefined> = new Set([
  'InvalidParameterException',
  'ValidationException',
]);
const THROTTLED: ReadonlySet<string | undefined> = new Set([
  'ThrottlingException',
  'ThrottledException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottledException',
]);
/** Seconds that AWS tolerates at least. */
const CLOCK_TOLERANCE = 300;

/** Returns whether the API asks for a pause. It says so with the status 400, which no HTTP client repeats. */
export function isThrottled({ type }: AwsAnswer): boolean {
  return THROTTLED.has(type);
}

/** Returns the error for an answer that is none to the question. */
export function refusalOfAws(answer: AwsAnswer, asked: AskedOfAws): RegistryError {
  const { status, type, words } = answer;
  const { code, hint } = judge(answer, asked);
  return new RegistryError(
    code,
    { what: asked.what, fact: factOf(answer, asked.host) },
    { status, words, hint, registryCodes: type === undefined ? [] : [type] },
  );
}

function factOf({ status, page, type, words, document }: AwsAnswer, host: string): string {
  if (page) return `"${host}" answered ${status} with a web page, so a proxy stands in front of it`;
  if (status === 200)
    return document === undefined
      ? `"${host}" answered with something that is no JSON`
      : `"${host}" answered something else than what was asked`;
  const said = [type, words].filter((part) => part !== undefined).join(': ');
  return `"${host}" answered ${status}${said === '' ? '' : ` and says "${said}"`}`;
}

function judge(
  answer: AwsAnswer,
  { action, keys, host }: AskedOfAws,
): { readonly code: ErrorCode; readonly hint?: string | undefined } {
  const { status, type, page, words = '', lag = 0 } = answer;
  const origin = `The keys are from ${keys.source}.`;
  if (page || status === 200)
    return {
      code: 'ERR_REGISTRY_FAILED',
      hint: `Let "${host}" through the proxy: NO_PROXY, or its own list.`,
    };
  if (EXPIRED.has(type))
    return { code: 'ERR_REGISTRY_DENIED', hint: `The AWS session is over: log in to AWS again. ${origin}` };
  if (UNKNOWN_KEYS.has(type))
    return {
      code: 'ERR_REGISTRY_DENIED',
      hint: `AWS does not know this access key in this region. ${origin}`,
    };
  const isClock = WRONG_TIME.has(type) || /signature expired|not yet current/i.test(words);
  if (isClock || (WRONG_SIGNATURE.has(type) && Math.abs(lag) > CLOCK_TOLERANCE))
    return {
      code: 'ERR_REGISTRY_FAILED',
      hint: `Set the clock of this host${lagWords(lag)}: signatures hold for minutes.`,
    };
  if (WRONG_SIGNATURE.has(type))
    return {
      code: 'ERR_REGISTRY_DENIED',
      hint: `The secret access key does not belong to the access key. ${origin}`,
    };
  if (FULL.has(type))
    return {
      code: 'ERR_REGISTRY_FAILED',
      hint: 'Delete repositories that are no longer needed, or have the quota of the account raised.',
    };
  if (WRONG_NAME.has(type))
    return {
      code: 'ERR_REGISTRY_FAILED',
      hint: 'A repository of Amazon ECR has 2 to 256 lower-case letters, digits and the signs . _ - and /, and begins with a letter: choose other names with --naming or --rewrite.',
    };
  if (THROTTLED.has(type)) return { code: 'ERR_REGISTRY_FAILED', hint: 'Run this again in some minutes.' };
  if (status === 401 || status === 403 || type?.startsWith('AccessDenied') === true)
    return {
      code: 'ERR_REGISTRY_DENIED',
      hint: `The AWS user needs the permission ecr:${action}. ${origin}`,
    };
  return { code: 'ERR_REGISTRY_FAILED' };
}

function lagWords(lag: number): string {
  if (Math.abs(lag) < 60) return '';
  return `, which is ${formatDuration(Math.round(Math.abs(lag) / 60) * 60)} ${lag > 0 ? 'behind' : 'ahead of'} that of AWS`;
}
