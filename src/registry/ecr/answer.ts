import { collectBytes } from '../../internal/bytes.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import { isRecord } from '../../internal/json.ts';
import { oneLine } from '../session/error-body.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { AwsKeys } from './keys.ts';

/** What the API of AWS answers (Smithy, "AWS JSON 1.1 protocol"). */
export interface AwsAnswer {
  readonly status: number;
  /** The document, if it is one. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** Of an error, its name without the service's: `RepositoryAlreadyExistsException`. */
  readonly type: string | undefined;
  /** Its words on one line, without anything secret of ours. */
  readonly words: string | undefined;
  /** Whether it is a web page, of a proxy most likely. */
  readonly page: boolean;
  /** How far this host's clock is behind the server's; negative when it is ahead (seconds). */
  readonly lag: number | undefined;
}

const ANSWER_LIMIT = 1024 * 1024;

/** Reads an answer to its end. @throws `ERR_REGISTRY_FAILED` when it is too long, and what reading throws */
export async function readAnswer(response: HttpResponse, keys: AwsKeys, now: Date): Promise<AwsAnswer> {
  const onExcess = (): RegistryError =>
    new RegistryError('ERR_REGISTRY_FAILED', { what: 'read an answer', fact: 'it is too long' });
  const bytes = await collectBytes(response.body, { limit: ANSWER_LIMIT, onExcess });
  const text = Buffer.from(bytes).toString();
  const page = isHtml(response.headers) || /^\s*<(?:!doctype|html)/i.test(text);
  const document = page ? undefined : parse(text);
  return {
    status: response.status,
    document,
    type: typeOf(document?.['__type'] ?? response.headers['x-amzn-errortype']),
    words: wordsOf(document, keys),
    page,
    lag: lagOf(response.headers['date'], now),
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return isRecord(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** The name may have a namespace in front and a link behind: `com.amazonaws.ecr#LimitExceededException:http://…`. */
function typeOf(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined;
  return /^(?:[^#]*#)?(\w{1,100})(?:$|:)/.exec(type)?.[1];
}

/** About a wrong signature the API repeats what it signed, and that includes the token of the session. */
function wordsOf(document: Record<string, unknown> | undefined, keys: AwsKeys): string | undefined {
  const words = document?.['message'] ?? document?.['Message'];
  if (typeof words !== 'string') return undefined;
  const plain = [keys.secretAccessKey, keys.sessionToken ?? '']
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '…'), words);
  return oneLine(plain.replace(/\s*The Canonical String\b[\s\S]*$/i, ''));
}

function lagOf(date: string | undefined, now: Date): number | undefined {
  const server = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(server) ? undefined : Math.round((server - now.getTime()) / 1000);
}
