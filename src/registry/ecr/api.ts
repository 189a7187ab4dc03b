import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { HttpClient, HttpRequest } from '../../internal/http/http.ts';
import { wait } from '../../internal/http/wait.ts';
import { unreachable } from '../session/refusal.ts';
import { RegistryError } from '../session/registry-error.ts';
import { type AwsAnswer, readAnswer } from './answer.ts';
import type { EcrHost } from './host.ts';
import type { AwsKeys } from './keys.ts';
import { isThrottled } from './refusal.ts';
import { signedHeaders } from './sign.ts';

export interface EcrApiOptions {
  readonly http: HttpClient;
  readonly registry: EcrHost;
  readonly keys: AwsKeys;
  /** The clock of this host. */
  readonly clock?: (() => Date) | undefined;
}

/** A question for the API. */
export type EcrQuestion = Pick<HttpRequest, 'retries' | 'patience' | 'signal'> & {
  /** `create repository "lab/app"` */
  readonly what: string;
  readonly action: 'CreateRepository' | 'DescribeRepositories' | 'GetAuthorizationToken';
  readonly input: Readonly<Record<string, unknown>>;
};

/** Pauses (seconds) when the API asks for one; ECR allows some requests a second, and refills at that pace. */
const PAUSES = [0.5, 1, 2, 4, 8, 16];

/**
 * Returns the answer of Amazon ECR's API, whatever it is. Signed anew for each try: a signature holds for minutes. Keys never go
 * along a redirect to another host.
 *
 * @throws `ERR_REGISTRY_UNREACHABLE`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_DENIED`, `ERR_INTERRUPTED`
 */
export async function askEcr(options: EcrApiOptions, question: EcrQuestion): Promise<AwsAnswer> {
  const pauses = question.retries === undefined ? PAUSES : PAUSES.slice(0, question.retries);
  for (const pause of pauses) {
    const answer = await askOnce(options, question);
    if (!isThrottled(answer)) return answer;
    // Requests that were refused together must not return together.
    await wait(pause * (0.5 + Math.random() / 2), question.signal);
  }
  return await askOnce(options, question);
}

async function askOnce(options: EcrApiOptions, question: EcrQuestion): Promise<AwsAnswer> {
  const { http, registry, keys, clock = () => new Date() } = options;
  const { what, action, input, retries, patience, signal } = question;
  throwIfInterrupted(signal);
  const url = endpointUrl(registry, what);
  const body = new TextEncoder().encode(JSON.stringify(input));
  const now = clock();
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
  };
  const signed = await signedHeaders(
    { url: url.href, region: registry.region, service: 'ecr', headers, body, now },
    keys,
  );
  const request = {
    method: 'POST',
    headers: signed,
    body,
    isPrivate: true,
    retries,
    patience,
    signal,
  } as const;
  try {
    await using response = await http.request(url.href, request);
    return await readAnswer(response, keys, clock());
  } catch (error) {
    throw unreachable(error, { what, host: url.host });
  }
}

/** @throws `ERR_REGISTRY_FAILED` for an address that is none */
export function endpointUrl({ endpoint }: EcrHost, what: string): URL {
  const url = URL.parse(endpoint);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return url;
  throw new RegistryError(
    'ERR_REGISTRY_FAILED',
    { what, fact: 'the address of its API in AWS_ENDPOINT_URL is no plain URL' },
    { hint: 'Write AWS_ENDPOINT_URL_ECR as https://HOST[:PORT], or unset it.' },
  );
}
