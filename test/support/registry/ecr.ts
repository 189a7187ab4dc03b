import { startProxy, type TestProxy } from '../http/http-proxy.ts';
import { type ScriptedServer, type SeenRequest, startHttpServer } from '../http/http-server.ts';
import { claimOf, type SignedRequest, signatureOf, toBeSigned } from '../http/aws-signature.ts';
import { type Exchange, replyError } from './exchange.ts';
import { type InProcessRegistry, startRegistry } from './registry.ts';

export interface EcrOptions {
  readonly repositories?: readonly string[];
  /** Actions that the user may not do. */
  readonly forbidden?: readonly string[];
  /** Repositories that the account may have; any number when left out. */
  readonly limit?: number;
  /** How far this host's clock is ahead of ours (seconds). */
  readonly ahead?: number;
  /** Whether what is no repository gets no answer at all, as has been seen of ECR. */
  readonly hangsUp?: boolean;
  /** PEM texts: the API and the registry then speak TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

/** An answer of the API in place of its own. */
export type ApiFault =
  | { readonly type: string; readonly message: string; readonly status?: number }
  | { readonly html: number }
  | { readonly redirect: string }
  | { readonly text: string };

/** A registry of Amazon ECR: its API, and the registry itself behind a proxy under its real name. */
export interface FakeEcr extends AsyncDisposable {
  /** `123456789012.dkr.ecr.eu-west-1.amazonaws.com` */
  readonly host: string;
  readonly repositories: ReadonlySet<string>;
  readonly registry: InProcessRegistry;
  readonly api: ScriptedServer;
  /** Names of the actions that were asked of the API, in order. */
  readonly actions: () => readonly string[];
  /** Variables of a user who has keys, and whose proxy knows both hosts. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly proxy: TestProxy;
  /** Has the next questions answered so. */
  fail(...faults: readonly ApiFault[]): void;
}

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDEXAMPLESESSION+token/==';
const PASSWORD = 'eyJwYXlsb2FkIjoiRUNSLXBhc3N3b3JkIn0=';
/** Seconds that a signature may be off. */
const TOLERANCE = 300;
/** Amazon ECR API Reference, CreateRepository: the pattern of a name. */
const NAME = /^(?=.{2,256}$)[a-z](?:[a-z0-9]|[._-](?=[a-z0-9]))*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/;

/** Starts a fake written from the API reference of ECR, the JSON 1.1 protocol and Signature Version 4. */
export async function startEcr(options: EcrOptions = {}): Promise<FakeEcr> {
  const { forbidden = [], limit = Infinity, ahead = 0, hangsUp = false, tls } = options;
  const repositories = new Set(options.repositories);
  const faults: ApiFault[] = [];
  const actions: string[] = [];

  const api = await startHttpServer(
    async (request, response) => {
      const body = await request.body();
      const action = /^AmazonEC2ContainerRegistry_V20150921\.(\w+)$/.exec(
        request.headers['x-amz-target'] ?? '',
      )?.[1];
      actions.push(action ?? '?');
      const send = (
        status: number,
        document: unknown,
        headers: Readonly<Record<string, string>> = {},
      ): void => {
        const date = new Date(Date.now() + ahead * 1000).toUTCString();
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', date, ...headers });
        response.end(typeof document === 'string' ? document : JSON.stringify(document));
      };
      const refuse = (type: string, message: string, status = 400): void =>
        send(status, { __type: `com.amazonaws.ecr#${type}`, message });
      const fault = faults.shift();
      if (fault !== undefined && 'html' in fault)
        return send(fault.html, '<html><title>Proxy</title></html>', { 'content-type': 'text/html' });
      if (fault !== undefined && 'redirect' in fault) return send(307, '', { location: fault.redirect });
      if (fault !== undefined && 'text' in fault) return send(200, fault.text);
      if (fault !== undefined) return refuse(fault.type, fault.message, fault.status);
      const wrong = judge({ ...request, body }, Date.now() + ahead * 1000);
      if (wrong !== undefined) return refuse(wrong.type, wrong.message, wrong.status);
      if (action === undefined) return refuse('UnknownOperationException', '', 404);
      const user = `User: arn:aws:iam::${ACCOUNT}:user/lab`;
      if (forbidden.includes(action))
        return refuse('AccessDeniedException', `${user} is not authorized to perform: ecr:${action}`);
      const input: Record<string, unknown> = JSON.parse(body.toString());
      if (action === 'GetAuthorizationToken')
        return send(200, {
          authorizationData: [
            {
              authorizationToken: Buffer.from(`AWS:${PASSWORD}`).toString('base64'),
              expiresAt: Date.now() / 1000 + 12 * 3600,
              proxyEndpoint: `https://${HOST}`,
            },
          ],
        });
      if (input['registryId'] !== ACCOUNT) return refuse('InvalidParameterException', 'registryId');
      if (action === 'DescribeRepositories') {
        const [name = ''] = Object(input)['repositoryNames'];
        if (repositories.has(name)) return send(200, { repositories: [describe(name)] });
        return refuse('RepositoryNotFoundException', `The repository with name '${name}' does not exist`);
      }
      const name = String(input['repositoryName']);
      if (!NAME.test(name))
        return refuse('InvalidParameterException', `Invalid parameter at 'repositoryName': '${name}'`);
      if (repositories.has(name))
        return refuse(
          'RepositoryAlreadyExistsException',
          `The repository with name '${name}' already exists`,
        );
      if (repositories.size >= limit) return refuse('LimitExceededException', 'The limit was exceeded');
      repositories.add(name);
      return send(200, { repository: describe(name) });
    },
    { tls },
  );

  const registry = await startRegistry({
    auth: { scheme: 'basic', username: 'AWS', password: PASSWORD },
    ...(tls === undefined ? {} : { tls }),
    intercept: async (exchange) => await guard(exchange, { repositories, hangsUp }),
  });
  const port = (url: string): number => Number(new URL(url).port);
  const proxy = await startProxy({
    portOf: (name) => (name === HOST ? port(registry.url) : name === API ? api.port : undefined),
  });
  const ways =
    tls === undefined ? { HTTP_PROXY: proxy.url, AWS_ENDPOINT_URL_ECR: api.url } : { HTTPS_PROXY: proxy.url };
  return {
    host: HOST,
    repositories,
    registry,
    api,
    proxy,
    actions: () => actions,
    env: {
      ...ways,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: TOKEN,
    },
    secrets: [SECRET, TOKEN, PASSWORD, Buffer.from(`AWS:${PASSWORD}`).toString('base64')],
    fail: (...more) => void faults.push(...more),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const API = `api.ecr.${REGION}.amazonaws.com`;

function describe(repositoryName: string): object {
  const repositoryArn = `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repositoryName}`;
  return { repositoryArn, registryId: ACCOUNT, repositoryName, repositoryUri: `${HOST}/${repositoryName}` };
}

/** Returns what is wrong with a signature, in the words of AWS, which repeat what was signed. */
function judge(
  request: Omit<SeenRequest, 'body'> & Pick<SignedRequest, 'body'>,
  now: number,
): { readonly type: string; readonly message: string; readonly status?: number } | undefined {
  const claim = claimOf(request);
  if (claim === undefined) return { type: 'MissingAuthenticationTokenException', message: 'Missing Token' };
  if (claim.accessKeyId !== KEY || request.headers['x-amz-security-token'] !== TOKEN)
    return { type: 'UnrecognizedClientException', message: 'The security token included is invalid.' };
  const stamp = request.headers['x-amz-date'] ?? '';
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const limit = new Date(now - TOLERANCE * 1000).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  if (now - signedAt > TOLERANCE * 1000)
    return {
      type: 'InvalidSignatureException',
      message: `Signature expired: ${stamp} is now earlier than ${limit} (- 5 min.)`,
    };
  if (signedAt - now > TOLERANCE * 1000)
    return {
      type: 'InvalidSignatureException',
      message: `Signature not yet current: ${stamp} is still later`,
    };
  const isComplete = toBeSigned(request).every((name) => claim.signed.includes(name));
  const isRight =
    claim.date === stamp.slice(0, 8) &&
    claim.region === REGION &&
    claim.service === 'ecr' &&
    claim.signature === signatureOf(request, claim, SECRET);
  if (isComplete && isRight) return undefined;
  const repeated = Object.entries(request.headers).map(([name, value]) => `${name}:${value}`);
  return {
    type: 'InvalidSignatureException',
    message: `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'${repeated.join('\n')}'`,
  };
}

/** The registry's side: a repository that was not made takes nothing. */
async function guard(
  exchange: Exchange,
  { repositories, hangsUp }: { readonly repositories: ReadonlySet<string>; readonly hangsUp: boolean },
): Promise<boolean> {
  const { request, url, response } = exchange;
  if (request.headers.authorization === undefined) return false;
  const [, name] = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname) ?? [];
  if (name === undefined || repositories.has(name)) return false;
  if (hangsUp && request.method === 'POST') {
    response.destroy();
    return true;
  }
  const message = `The repository with name '${name}' does not exist in the registry with id '${ACCOUNT}'`;
  await replyError(exchange, 404, { code: 'NAME_UNKNOWN', message });
  return true;
}
