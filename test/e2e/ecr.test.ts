import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Authority, createAuthority, type KeyPair } from '../support/http/authority.ts';
import { plannedImage } from '../support/planned/items.ts';
import { type CliRun, runInMemory } from '../support/process/cli.ts';
import { type EcrOptions, type FakeEcr, startEcr } from '../support/registry/ecr.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';

const BUNDLE = sampleBundle([
  plannedImage('docker.io/rancher/rancher:v2.9.2'),
  plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3'),
]);

let authority: Authority;
let tls: KeyPair;
beforeAll(async () => {
  authority = await createAuthority();
  tls = await authority.issue([
    'DNS:*.dkr.ecr.eu-west-1.amazonaws.com',
    'DNS:api.ecr.eu-west-1.amazonaws.com',
  ]);
});
afterAll(() => authority[Symbol.asyncDispose]());

interface Scene {
  readonly ecr: FakeEcr;
  readonly at: (name: string) => string;
  readonly run: (argv: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CliRun>;
}

/** A user whose only way to AWS is a proxy that knows its names, and whose keys are in a profile. */
async function setUp(options: EcrOptions = {}): Promise<Scene> {
  const folder = temporaryFolder();
  const ecr = await startEcr({ ...options, tls });
  onTestFinished(async () => {
    await ecr[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const at = (name: string): string => join(folder.path, name);
  const { HTTPS_PROXY = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = ecr.env;
  const keys = [
    `aws_access_key_id = ${AWS_ACCESS_KEY_ID}`,
    `aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}`,
    `aws_session_token = ${AWS_SESSION_TOKEN}`,
  ];
  mkdirSync(at('.aws'));
  writeFileSync(at('.aws/credentials'), `[lab]\n${keys.join('\n')}\n`);
  writeFileSync(at('lab.tar'), BUNDLE.tar);
  const run: Scene['run'] = async (argv, env = { AWS_PROFILE: 'lab' }) => {
    const trust = ['--ca-file', authority.certFile, '--verbose'];
    const done = await runInMemory([...argv, ...trust], {
      env: { HTTPS_PROXY, ...env },
      home: folder.path,
      verbs: 'real',
    });
    for (const secret of ecr.secrets) expect(`${done.stdout}${done.stderr}`).not.toContain(secret);
    return done;
  };
  return { ecr, at, run };
}

const sent = ({ registry: { log } }: FakeEcr): number =>
  log.count('PUT upload') + log.count('PATCH upload') + log.count('PUT manifest');

describe('Amazon ECR under its own names', () => {
  it('gets its repositories and its images with nothing but keys', async () => {
    const { ecr, at, run } = await setUp();
    const install = ['install', at('lab.tar'), '--registry', `${ecr.host}/mirror`, '--create-repositories'];
    expect(await run([...install, '--dry-run'])).toMatchObject({ status: 0 });
    expect([...ecr.repositories]).toEqual([]);
    const { status, stdout } = await run([...install, '--json']);
    expect(status).toBe(0);
    expect([...ecr.repositories].sort()).toEqual([
      'mirror/quay.io/jetstack/cert-manager-controller',
      'mirror/rancher/rancher',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ actions: [{ outcome: 'pushed' }, { outcome: 'pushed' }] });
    expect(new Set(ecr.proxy.seen)).toEqual(
      new Set([`CONNECT ${ecr.host}:443`, 'CONNECT api.ecr.eu-west-1.amazonaws.com:443']),
    );
    expect(await run(install)).toMatchObject({ status: 0 });
  });

  it('is told what to create, all at once and before the first byte, where that was not asked for', async () => {
    const { ecr, at, run } = await setUp();
    const { status, stderr } = await run(['install', at('lab.tar'), '--registry', ecr.host]);
    expect(status).toBe(7);
    expect(stderr).toContain('2 repositories missing there');
    expect(stderr).toContain('"quay.io/jetstack/cert-manager-controller", "rancher/rancher"');
    expect(stderr).toContain('aws ecr create-repository --region eu-west-1 --repository-name NAME');
    expect(stderr).toContain('--create-repositories');
    expect([...ecr.repositories]).toEqual([]);
    expect(sent(ecr)).toBe(0);
  });

  it('takes a bundle into one repository, and gives it back', async () => {
    const { ecr, at, run } = await setUp();
    const reference = `${ecr.host}/bundles/lab:1`;
    const refused = await run(['push', at('lab.tar'), reference]);
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain('1 repository missing there ("bundles/lab")');
    expect(refused.stderr).toContain('--create-repositories');
    expect(await run(['push', at('lab.tar'), reference, '--create-repositories'])).toMatchObject({
      status: 0,
    });
    expect([...ecr.repositories]).toEqual(['bundles/lab']);
    const { status, stdout } = await run(['verify', `oci://${reference}`, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, root: BUNDLE.plan.root });
  });

  it('says in one error what cannot be created, and which permission that takes', async () => {
    const { ecr, at, run } = await setUp({ forbidden: ['CreateRepository'] });
    const install = ['install', at('lab.tar'), '--registry', ecr.host, '--create-repositories'];
    const { status, stderr } = await run(install);
    expect(status).toBe(7);
    expect(stderr).toContain('2 repositories missing there');
    expect(stderr).toContain('ecr:CreateRepository');
    expect(stderr).toContain('profile "lab"');
    expect(sent(ecr)).toBe(0);
  });

  it('asks for keys where there are none, and names the ways', async () => {
    const { ecr, at, run } = await setUp();
    const { status, stderr } = await run(['install', at('lab.tar'), '--registry', ecr.host], {});
    expect(status).toBe(4);
    expect(stderr).toContain('AWS_ACCESS_KEY_ID');
    expect(stderr).toContain('aws ecr get-login-password --region eu-west-1 | docker login');
    expect(ecr.actions()).toEqual([]);
  });
});
