import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Authority, createAuthority } from '../support/http/authority.ts';
import { type CliRun, runInMemory } from '../support/process/cli.ts';
import { type InProcessRegistry, startRegistry } from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

/** A home, and a registry whose certificate is signed by an authority that the machine does not know. */
async function setUp(): Promise<{
  registry: InProcessRegistry;
  at: (path: string) => string;
  run: (...argv: readonly string[]) => Promise<CliRun>;
}> {
  const folder = temporaryFolder();
  const registry = await startRegistry({ tls: await authority.issue(['IP:127.0.0.1']) });
  await registry.seed('team/app', sampleImage({ name: 'app' }), 'v1');
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const at = (path: string): string => join(folder.path, path);
  writeFileSync(at('lab.yaml'), `bundle: 1\nname: lab\nimages: ["${registry.host}/team/app:v1"]\n`);
  const run = async (...argv: readonly string[]): Promise<CliRun> =>
    await runInMemory(argv, { home: folder.path, verbs: 'real' });
  return { registry, at, run };
}

const WAYS = ['--ca-file', 'a folder of Docker'] as const;

describe.each(WAYS)('a registry of an own authority, trusted by %s', (way) => {
  it('is reached by every command that talks to registries', async () => {
    const { registry, at, run } = await setUp();
    const trust = way === '--ca-file' ? ['--ca-file', authority.certFile] : [];
    if (way !== '--ca-file') {
      mkdirSync(at(`.docker/certs.d/${registry.host}`), { recursive: true });
      writeFileSync(at(`.docker/certs.d/${registry.host}/ca.crt`), authority.cert);
    }
    const runs = [
      await run('lock', at('lab.yaml'), ...trust),
      await run('build', at('lab.yaml'), '-o', at('lab.tar'), ...trust),
      await run('install', at('lab.tar'), '--registry', `${registry.host}/mirror`, '--json', ...trust),
    ];
    const installed: unknown = JSON.parse(runs[2]?.stdout ?? '');
    expect(installed).toHaveProperty('receipt');
    const { receipt } = Object(installed);
    runs.push(await run('uninstall', String(receipt), ...trust));
    expect(runs.map(({ status, stderr }) => `${status} ${stderr.includes('error')}`)).toEqual(
      runs.map(() => '0 false'),
    );
  });
});

it('is not trusted otherwise, and the hint names both ways', async () => {
  const { at, run } = await setUp();
  const { status, stderr } = await run('build', at('lab.yaml'), '-o', at('lab.tar'));
  expect(status).toBe(4);
  expect(stderr).toContain('not signed by an authority this machine trusts');
  expect(stderr).toContain('--ca-file');
});

it.each(['build', 'lock', 'install', 'uninstall', 'kit'])(
  'a file without a certificate is a mistake for %s',
  async (command) => {
    const { registry, at, run } = await setUp();
    writeFileSync(at('ca.p7b'), '-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n');
    await run('build', at('lab.yaml'), '-o', at('lab.tar'), '--ca-file', authority.certFile);
    const trust = ['--ca-file', authority.certFile];
    const host = `${registry.host}/mirror`;
    const installed = await run('install', at('lab.tar'), '--registry', host, '--json', ...trust);
    const { receipt } = Object(JSON.parse(installed.stdout));
    const argv = {
      build: ['build', at('lab.yaml'), '-o', at('other.tar')],
      lock: ['lock', at('lab.yaml')],
      install: ['install', at('lab.tar'), '--files', at('files')],
      uninstall: ['uninstall', String(receipt)],
      kit: ['kit', at('.')],
    }[command];
    const { status, stderr } = await run(...(argv ?? []), '--ca-file', at('ca.p7b'));
    expect(stderr).toContain('holds no certificate');
    expect(status).toBe(2);
  },
);
