import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Spaces } from '../../../src/oci/roles.ts';
import { openTestClient, type TestClient } from '../../support/registry/client.ts';
import { type ApiFault, type EcrOptions, type FakeEcr, startEcr } from '../../support/registry/ecr.ts';
import { startHttpServer } from '../../support/http/http-server.ts';
import { thrownBy } from '../../support/thrown.ts';

let ecr: FakeEcr;
let client: TestClient;
beforeAll(async () => {
  ecr = await startEcr();
  client = clientOf(ecr);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await ecr[Symbol.asyncDispose]();
});

function clientOf({ env }: FakeEcr, more: Readonly<Record<string, string | undefined>> = {}): TestClient {
  return openTestClient({ env, user: { env: { ...env, ...more }, home: '/nonexistent/home' } });
}

async function spacesOf(opened: TestClient, { host }: FakeEcr): Promise<Spaces> {
  const spaces = await opened.open(`http://${host}`).spaces?.();
  if (spaces === undefined) throw new Error('it is no registry of ECR');
  return spaces;
}

async function own(options: EcrOptions): Promise<Spaces> {
  const started = await startEcr(options);
  const opened = clientOf(started);
  onTestFinished(async () => {
    await opened[Symbol.asyncDispose]();
    await started[Symbol.asyncDispose]();
  });
  return await spacesOf(opened, started);
}

const ANSWERS: readonly (readonly [string, ApiFault, { code: string; fact: string; hint: string }])[] = [
  [
    'a user who may not',
    { type: 'AccessDeniedException', message: 'User: arn:aws:iam::1:user/x is not authorized' },
    { code: 'ERR_REGISTRY_DENIED', fact: 'is not authorized', hint: 'ecr:CreateRepository' },
  ],
  [
    'a session that is over',
    {
      type: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
      status: 403,
    },
    { code: 'ERR_REGISTRY_DENIED', fact: 'expired', hint: 'log in to AWS again' },
  ],
  [
    'a key that nobody knows',
    {
      type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    },
    { code: 'ERR_REGISTRY_DENIED', fact: 'invalid', hint: 'does not know this access key' },
  ],
  [
    'a secret of another key',
    {
      type: 'InvalidSignatureException',
      message: 'The request signature we calculated does not match',
      status: 403,
    },
    { code: 'ERR_REGISTRY_DENIED', fact: 'does not match', hint: 'does not belong to the access key' },
  ],
  [
    'a request that came too late',
    { type: 'RequestExpired', message: 'Request has expired.' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'expired', hint: 'clock of this host' },
  ],
  [
    'an account that is full',
    { type: 'LimitExceededException', message: 'The maximum number of repositories has been reached' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'maximum number', hint: 'quota' },
  ],
  [
    'a name that ECR does not take',
    { type: 'InvalidParameterException', message: "Invalid parameter at 'repositoryName'" },
    { code: 'ERR_REGISTRY_FAILED', fact: 'Invalid parameter', hint: '--rewrite' },
  ],
  [
    'an error that nobody has heard of',
    { type: 'KmsException', message: 'The operation failed due to a KMS exception.' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'KmsException: The operation failed', hint: '' },
  ],
  [
    'a page of a proxy that refuses',
    { html: 403 },
    { code: 'ERR_REGISTRY_FAILED', fact: '403 with a web page', hint: 'proxy' },
  ],
  [
    'a page of a proxy that smiles',
    { html: 200 },
    { code: 'ERR_REGISTRY_FAILED', fact: '200 with a web page', hint: 'proxy' },
  ],
  [
    'something that is no JSON',
    { text: 'OK' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'no JSON', hint: 'proxy' },
  ],
  [
    'another repository than the one that was asked for',
    { text: '{"repository":{"repositoryName":"lab/other","registryId":"123456789012"}}' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'something else', hint: 'proxy' },
  ],
  [
    'a repository of another account',
    { text: '{"repository":{"repositoryName":"lab/app","registryId":"210987654321"}}' },
    { code: 'ERR_REGISTRY_FAILED', fact: 'something else', hint: 'proxy' },
  ],
];

describe('the API of ECR', () => {
  it.each(ANSWERS)('that answers with %s is told with what to do', async (_, fault, { code, fact, hint }) => {
    const spaces = await spacesOf(client, ecr);
    ecr.fail(fault);
    const error = await thrownBy(spaces.make('lab/app'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Cannot create repository "lab\/app": "127\.0\.0\.1:\d+" answered /);
    expect(error.message).toContain(fact);
    expect(error.hint ?? '').toContain(hint);
    expect(ecr.repositories.size).toBe(0);
  });

  it.each([
    [-1500, '25 m', 'ahead of'],
    [1500, '25 m', 'behind'],
  ])('whose clock is %s seconds off says how far this one is', async (ahead, distance, side) => {
    const spaces = await own({ ahead });
    const { code, hint } = await thrownBy(spaces.make('lab/app'));
    expect(code).toBe('ERR_REGISTRY_FAILED');
    expect(hint).toContain('Set the clock of this host');
    expect(hint).toContain(distance);
    expect(hint).toContain(side);
  });

  it('that repeats what was signed makes nothing secret seen', async () => {
    const env = { AWS_SECRET_ACCESS_KEY: 'hunter2-S3CR3T' };
    await using wrong = clientOf(ecr, env);
    const error = await thrownBy((await spacesOf(wrong, ecr)).make('lab/app'));
    expect(error.message).toContain('does not match');
    const told = `${error.stack}${error.hint}${JSON.stringify(error)}`;
    for (const secret of [...ecr.secrets, 'hunter2-S3CR3T']) expect(told).not.toContain(secret);
  });

  it('that asks for a pause is asked again', async () => {
    const spaces = await own({});
    const started = await startEcr();
    onTestFinished(() => started[Symbol.asyncDispose]());
    await using opened = clientOf(started);
    started.fail({ type: 'ThrottlingException', message: 'Rate exceeded' });
    await (await spacesOf(opened, started)).make('lab/app');
    expect(started.actions()).toEqual(['CreateRepository', 'CreateRepository']);
    expect(await spaces.has('lab/app')).toBe(false);
  });

  it('that is in trouble for a moment is asked again', async () => {
    const started = await startEcr();
    onTestFinished(() => started[Symbol.asyncDispose]());
    await using opened = clientOf(started);
    started.fail({ type: 'ServerException', message: 'try again', status: 500 }, { html: 502 });
    await (await spacesOf(opened, started)).make('lab/app');
    expect([...started.repositories]).toEqual(['lab/app']);
  });

  it('has its keys to itself: a redirect to another host is refused, and that host hears nothing', async () => {
    await using other = await startHttpServer((_, response) => void response.writeHead(200).end('{}'));
    const spaces = await spacesOf(client, ecr);
    ecr.fail({ redirect: `http://localhost:${other.port}/` });
    const error = await thrownBy(spaces.make('lab/app'));
    expect(error.code).toBe('ERR_REGISTRY_FAILED');
    expect(error.message).toContain('redirects');
    expect(other.requests).toEqual([]);
  });

  it('that cannot be reached is told as such, and no wrong address is asked', async () => {
    await using nowhere = clientOf(ecr, { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' });
    const gone = await thrownBy((await spacesOf(nowhere, ecr)).make('lab/app'));
    expect(gone.code).toBe('ERR_REGISTRY_UNREACHABLE');
    await using strange = clientOf(ecr, { AWS_ENDPOINT_URL_ECR: 'http://user:hunter2@127.0.0.1:9' });
    const { message, hint } = await thrownBy((await spacesOf(strange, ecr)).make('lab/app'));
    expect(message).toContain('AWS_ENDPOINT_URL');
    expect(`${message}${hint}`).not.toContain('hunter2');
  });

  it('is not asked without keys: the hint says which variables, and that a password is not enough', async () => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    await using without = clientOf(ecr, none);
    const spaces = await spacesOf(without, ecr);
    expect(await spaces.has('lab/app')).toBeUndefined();
    const { code, message, hint } = await thrownBy(spaces.make('lab/app'));
    expect({ code, message }).toEqual({
      code: 'ERR_CREDENTIALS_INVALID',
      message: 'Cannot create repository "lab/app": no AWS keys are known',
    });
    expect(hint).toContain('AWS_ACCESS_KEY_ID');
  });
});
