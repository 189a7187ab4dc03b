import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UnprovenError } from '../../src/verbs/install.ts';
import { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import type { Registry } from '../../src/oci/roles.ts';
import { decodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { freePort } from '../support/http/free-port.ts';
import { startHttpServer } from '../support/http/http-server.ts';
import { plannedImage } from '../support/planned/items.ts';
import { expectUntouched, install, installLab, registryOpener, TAG } from '../support/sites/install-lab.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { k3sSample } from '../support/samples/target-samples.ts';
import { problemsOf, thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';

describe('before any change', () => {
  it('verifies the whole bundle, also what this install would not touch [B-SEC-1]', async () => {
    const lab = await installLab();
    const tar = readFileSync(lab.options.path);
    const at = tar.indexOf('content of tool');
    expect(at).toBeGreaterThan(0);
    tar[at] = 0x43;
    writeFileSync(lab.options.path, tar);
    const error = await thrownBy(install(lab.options));
    expect(error).toMatchObject({ code: 'ERR_BUNDLE_DAMAGED' });
    expect(error instanceof ProblemsError && error.problems.map(({ code }) => code)).toEqual([
      'ERR_DIGEST_MISMATCH',
    ]);
    expectUntouched(lab);
  });

  it('refuses a bundle that is cut short', async () => {
    const lab = await installLab();
    const tar = readFileSync(lab.options.path);
    writeFileSync(lab.options.path, tar.subarray(0, Math.floor(tar.length / 1024 / 2) * 512));
    expect((await thrownBy(install(lab.options))).code).toMatch(/^ERR_(ARCHIVE_INVALID|BUNDLE_\w+)$/);
    expectUntouched(lab);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['does not answer', async () => `127.0.0.1:${await freePort()}`, /refused/],
    ['is another program', async () => (await otherProgram()).host, /./],
  ])('goes on without the default registry when it %s, and says what to do', async (_, host, fact) => {
    const lab = await installLab();
    const options = { ...lab.options, openRegistry: registryOpener(await host()) };
    const dry = await install({ ...options, dryRun: true });
    const { actions, findings } = await install(options);
    expect(actions.map(({ target }) => target)).toEqual(['rancher-desktop', 'rancher-desktop', 'kuberlr']);
    const warning = {
      level: 'warning',
      message: expect.stringMatching(/^2 images left out: no registry takes them at "localhost:5000" \(/),
      hint: expect.stringMatching(/--registry HOST.*bundle serve/),
    };
    expect(findings[0]).toEqual(warning);
    expect(findings[0]?.message).toMatch(fact);
    expect(dry.findings[0]).toEqual(warning);
  });

  it('has nothing to do where there is nothing but images, and no registry', async () => {
    const lab = await installLab([plannedImage('docker.io/rancher/rancher:v2.9.2')]);
    const nobody = `127.0.0.1:${await freePort()}`;
    const options = { ...lab.options, openRegistry: registryOpener(nobody) };
    expect(await thrownBy(install(options))).toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      hint: expect.stringMatching(/--registry HOST/),
    });
    expectUntouched(lab);
  });

  it('stops at a registry that is named, or whose images a list names', async () => {
    const lab = await installLab();
    const nobody = `127.0.0.1:${await freePort()}`;
    const options = { ...lab.options, openRegistry: registryOpener(nobody) };
    writeFileSync(lab.at('retry'), 'localhost:5000/rancher/rancher:v2.9.2\n');
    for (const wish of [{ targets: { registry: ['localhost:5000'] } }, { retry: lab.at('retry') }])
      expect((await thrownBy(install({ ...options, ...wish }))).code).toBe('ERR_REGISTRY_UNREACHABLE');
    expectUntouched(lab);
  });

  it('tells of every target that cannot be used, in one report', async () => {
    const lab = await installLab();
    const nobody = `127.0.0.1:${await freePort()}`;
    writeFileSync(lab.at('file'), '');
    const options = {
      ...lab.options,
      openRegistry: registryOpener(nobody),
      targets: {
        registry: ['localhost:5000'],
        'rancher-desktop': lab.at('file'),
        files: lab.at('file/deep'),
      },
    };
    const problems = await problemsOf(install(options));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'ERR_TARGET_REFUSED',
      'ERR_TARGET_REFUSED',
      'ERR_REGISTRY_UNREACHABLE',
    ]);
    expectUntouched(lab);
  });

  it('finds that there is not enough space', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    const lab = await installLab([k3sSample(TAG, { size: 100_000 })]);
    const options = { ...lab.options, targets: { 'rancher-desktop': disk.path } };
    expect(await thrownBy(install(options))).toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringMatching(/needs 195\.\d KiB, and 64\.0 KiB are free/),
    });
    expect(namesUnder(disk.path)).toEqual([]);
  });

  it('finds that the receipt could not be written', async () => {
    const lab = await installLab();
    mkdirSync(join(lab.home, '.local'), { recursive: true });
    writeFileSync(join(lab.home, '.local/state'), '');
    expect(await thrownBy(install({ ...lab.options, targets: { files: lab.at('files') } }))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
    });
    expect(existsSync(lab.at('files'))).toBe(false);
  });

  it('stops when it is interrupted', async () => {
    const lab = await installLab();
    const error = await thrownBy(install({ ...lab.options, signal: AbortSignal.abort() }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    expectUntouched(lab);
  });
});

describe('a failure in the middle', () => {
  it('of one image does not keep the others from their place, and is recorded', async () => {
    const lab = await installLab();
    const refusal = { type: 'status', status: 403, body: { errors: [{ code: 'DENIED' }] } } as const;
    lab.registry.inject({ on: 'PUT manifest', path: /rancher\/rancher/, action: refusal });
    const error = await thrownBy(install(lab.options));
    expect(error.code).toBe('ERR_REGISTRY_DENIED');
    const [name = ''] = Object.keys(filesUnder(lab.at('home/.local/state/saddlebag/receipts')));
    const receipt = decodeReceipt(readFileSync(lab.at(`home/.local/state/saddlebag/receipts/${name}`)));
    expect(receipt).toMatchObject({ complete: false, blobs: { length: 0 } });
    expect(receipt.references.map(({ reference }) => reference)).toEqual([
      'localhost:5000/quay.io/jetstack/cert-manager-controller:v1.15.3',
    ]);
    expect(receipt.paths).toHaveLength(5);
  });

  it('is repaired by the next run, and the receipt still knows who did what', async () => {
    const lab = await installLab();
    const refusal = { type: 'status', status: 403 } as const;
    lab.registry.inject({ on: 'PUT manifest', path: /rancher\/rancher/, action: refusal });
    await thrownBy(install(lab.options));
    const { actions, receipt = '' } = await install(lab.options);
    expect(actions.map(({ outcome }) => outcome)).toEqual([
      'present',
      'present',
      'present',
      'pushed',
      'present',
    ]);
    const written = decodeReceipt(readFileSync(receipt));
    expect(written).toMatchObject({ complete: true });
    expect(written.references).toHaveLength(2);
    expect(written.paths).toHaveLength(5);
    expect(written.blobs.length).toBeGreaterThan(10);
  });

  it('by the user leaves nothing half done', async () => {
    const lab = await installLab();
    const stop = new AbortController();
    const error = await thrownBy(
      install({
        ...lab.options,
        signal: stop.signal,
        onProgress: ({ phase }) => {
          if (phase === 'apply') stop.abort();
        },
      }),
    );
    expect(error.code).toBe('ERR_INTERRUPTED');
    expect(namesUnder(lab.home).filter((name) => name.includes('.saddlebag'))).toEqual([]);
    const { actions } = await install(lab.options);
    expect(actions).toHaveLength(5);
  });
});

describe('a proof that fails', () => {
  it('fails the install, with the result and all that was found', async () => {
    const lab = await installLab();
    // A registry that takes everything and keeps nothing.
    const forgetful = (host: string): Registry => {
      const registry = lab.options.openRegistry?.(host);
      if (registry === undefined) throw new Error('no registry');
      return {
        ...registry,
        repository: (name) => ({
          ...registry.repository(name),
          has: async () => false,
          resolve: async () => undefined,
        }),
      };
    };
    const error = await thrownBy(install({ ...lab.options, openRegistry: forgetful }));
    expect(error).toBeInstanceOf(UnprovenError);
    expect(error).toMatchObject({
      code: 'ERR_TARGET_UNPROVEN',
      message: 'Cannot prove the install: 2 checks failed',
    });
    if (!(error instanceof UnprovenError)) throw error;
    expect(error.problems.every((problem) => problem instanceof SaddlebagError)).toBe(true);
    expect(error.result.actions).toHaveLength(5);
    expect(error.result.findings.map(({ level }) => level)).toEqual(['ok', 'ok', 'error', 'error']);
    expect(decodeReceipt(readFileSync(error.result.receipt ?? ''))).toMatchObject({
      complete: false,
      blobs: { length: 0 },
    });
  });
});

/** What else listens at port 5000, such as AirPlay on a Mac. */
async function otherProgram(): Promise<{ readonly host: string }> {
  const server = await startHttpServer((_, response) => void response.writeHead(403).end());
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { host: `127.0.0.1:${server.port}` };
}
