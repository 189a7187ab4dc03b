import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { type KitProgress, makeKit } from '../../src/verbs/kit.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { createAuthority } from '../support/http/authority.ts';
import { mountStick } from '../support/peers/stick.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../support/peers/small-disk.ts';
import { plannedKubectl } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { filesBelow, kitScene } from '../support/sites/kit-scene.ts';
import {
  archiveOf,
  type NodeRelease,
  type NodeSite,
  programFor,
  smallRelease,
  startNodeSite,
} from '../support/sites/node-site.ts';
import { hintsOf, thrownBy } from '../support/thrown.ts';

const LTS = smallRelease('24.5.0', 'Krypton');
const RELEASES = [smallRelease('26.10.0', false), LTS, smallRelease('22.22.2', 'Jod')];

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await thrownBy(promise)).code;
}

async function siteOf(releases: readonly NodeRelease[] = RELEASES): Promise<NodeSite> {
  const site = await startNodeSite(releases);
  onTestFinished(() => site[Symbol.asyncDispose]());
  return site;
}

describe('a kit', () => {
  it('says how far it is: runtimes as they are fetched, then its files as they are written', async () => {
    const { stick, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    const platforms = ['linux/amd64', 'windows/amd64'];
    const told: KitProgress[] = [];
    const onProgress = (progress: KitProgress): void => void told.push(progress);
    const made = await makeKit({ folder: stick, platforms, mirror }, surroundings, { onProgress });
    const [fetched, written] = (['fetch-kit', 'write-kit'] as const).map((phase) =>
      told.filter((progress) => progress.phase === phase),
    );
    expect(new Set(fetched?.map(({ underWay }) => underWay))).toEqual(
      new Set(['node-v24.5.0-linux-x64.tar.gz', 'win-x64/node.exe']),
    );
    expect(fetched?.at(-1)).toMatchObject({ done: 1, total: 2, bytesDone: made.fetchedBytes });
    const { bytesDone, bytesTotal } = written?.at(-1) ?? {};
    expect(bytesDone).toBe(bytesTotal);
    expect(written?.map(({ underWay }) => underWay)).toContain('kit/node/win-x64/node.exe');
  });

  it('has the newest LTS runtime for each platform, unmodified, the program, launchers and a page, all in its sums', async () => {
    const { stick, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    const platforms = ['linux/amd64', 'windows/x64', 'macos/arm64'];
    const result = await makeKit({ folder: stick, platforms, mirror }, surroundings);
    expect(filesBelow(stick)).toEqual([
      'SHA256SUMS',
      'START-HERE.html',
      'bundle',
      'bundle.cmd',
      'kit/kit.json',
      'kit/licences/libraries.txt',
      'kit/licences/node.txt',
      'kit/licences/saddlebag.txt',
      'kit/node/darwin-arm64/node',
      'kit/node/linux-x64/node',
      'kit/node/win-x64/node.exe',
      'kit/program/main.js',
      'kit/program/parts/verify.mjs',
      'kit/program/program.mjs',
      'kit/program/start.mjs',
      'lab.tar',
    ]);
    expect(result).toMatchObject({
      node: '24.5.0',
      platforms: ['linux/amd64', 'windows/amd64', 'darwin/arm64'],
      bundles: [{ path: join(stick, 'lab.tar'), root: sampleBundle().plan.root }],
    });
    for (const [word, platform] of [
      ['linux-x64/node', 'linux/amd64'],
      ['win-x64/node.exe', 'windows/amd64'],
      ['darwin-arm64/node', 'darwin/arm64'],
    ] as const)
      expect(readFileSync(join(stick, 'kit/node', word))).toEqual(programFor(platform));
    expect(readFileSync(join(stick, 'kit/licences/node.txt'), 'utf8')).toContain('licensed for use');
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: stick, encoding: 'utf8' })).not.toContain(
      'FAILED',
    );
    const listed = readFileSync(join(stick, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    expect(listed.map((line) => line.slice(66))).toEqual(
      filesBelow(stick).filter((path) => !['SHA256SUMS', 'lab.tar'].includes(path)),
    );
    expect(result.digest).toBe(digestOf(readFileSync(join(stick, 'SHA256SUMS'))));
  });

  it('is for the platforms that the bundles beside it have clients for, and linux/amd64', async () => {
    const { stick, surroundings } = kitScene();
    writeFileSync(
      join(stick, 'lab.tar'),
      sampleBundle([plannedKubectl('1.30.6', 'windows/amd64'), plannedKubectl('1.30.6', 'linux/s390x')]).tar,
    );
    const { url: mirror } = await siteOf();
    const { platforms } = await makeKit({ folder: stick, mirror }, surroundings);
    expect(platforms).toEqual(['windows/amd64', 'linux/amd64']);
  });

  it('is made again without a download, and without a byte written', async () => {
    const { stick, surroundings } = kitScene();
    const site = await siteOf();
    const wish = { folder: stick, mirror: site.url };
    const first = await makeKit(wish, surroundings);
    const before = site.requests.length;
    const second = await makeKit(wish, surroundings);
    expect(first.fetchedBytes).toBeGreaterThan(0);
    expect(second).toMatchObject({ fetchedBytes: 0, writtenBytes: 0, digest: first.digest });
    expect(site.requests.slice(before).map(({ path }) => path)).toEqual([
      '/index.json',
      '/v24.5.0/SHASUMS256.txt',
    ]);
  });

  it('takes the place of the one that is there: two never lie in one folder', async () => {
    const { stick, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    await makeKit(
      { folder: stick, mirror, platforms: ['windows/amd64', 'linux/arm64'], node: '22.22.2' },
      surroundings,
    );
    await makeKit({ folder: stick, mirror, platforms: ['linux/amd64'] }, surroundings);
    const files = filesBelow(stick);
    expect(files.filter((path) => path.startsWith('kit/node/'))).toEqual(['kit/node/linux-x64/node']);
    expect(files).not.toContain('bundle.cmd');
    expect((await verifyBundle({ path: join(stick, 'lab.tar') }, surroundings)).kit).toMatchObject({
      ok: true,
    });
  });

  it('names the release that is asked for', async () => {
    const { stick, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    expect((await makeKit({ folder: stick, mirror, node: '26.10.0' }, surroundings)).node).toBe('26.10.0');
    expect(await codeOf(makeKit({ folder: stick, mirror, node: '20.1.0' }, surroundings))).toBe(
      'ERR_VERSION_INVALID',
    );
    expect(await codeOf(makeKit({ folder: stick, mirror, node: '24.9.9' }, surroundings))).toBe(
      'ERR_UPSTREAM_NOT_FOUND',
    );
  });

  it('comes with a conversion too, and leaves the root as it is', async () => {
    const { stick, home, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    cpSync(join(stick, 'lab.tar'), join(home, 'lab.tar'));
    rmSync(join(stick, 'lab.tar'));
    const result = await convertBundle(
      { path: join(home, 'lab.tar'), out: join(stick, 'lab.zip'), kit: { mirror } },
      surroundings,
    );
    expect(result.root).toBe(sampleBundle().plan.root);
    expect(result.kit).toMatchObject({ path: stick, platforms: ['linux/amd64'] });
    expect(readFileSync(join(stick, 'START-HERE.html'), 'utf8')).toContain('verify lab.zip');
  });

  it.each(['kit', 'convert'])(
    'comes from a site of an own authority that --ca-file names, and from no other, with %s',
    async (verb) => {
      const { stick, home, surroundings } = kitScene();
      await using authority = await createAuthority();
      await using site = await startNodeSite(RELEASES, { tls: await authority.issue(['IP:127.0.0.1']) });
      cpSync(join(stick, 'lab.tar'), join(home, 'lab.tar'));
      const make = async (caFile: string | undefined): Promise<unknown> => {
        const wish = { mirror: site.url, caFile };
        if (verb === 'kit') return await makeKit({ folder: stick, ...wish }, surroundings);
        const out = join(stick, 'lab.zip');
        return await convertBundle({ path: join(home, 'lab.tar'), out, kit: wish }, surroundings);
      };
      expect((await hintsOf(make(undefined))).join(' ')).toContain('--ca-file');
      expect((await thrownBy(make(join(stick, 'lab.tar')))).message).toContain('it holds no PEM text');
      await make(authority.certFile);
      expect(filesBelow(stick)).toContain('kit/node/linux-x64/node');
    },
  );
});

describe('a runtime that is not what it should be', () => {
  const name = 'node-v24.5.0-linux-x64.tar.gz';
  const good = LTS.files[name];
  if (typeof good !== 'object') throw new Error('no sample');
  const root = 'node-v24.5.0-linux-x64';

  it.each<[string, Partial<NodeRelease>, string]>([
    ['has another sum', { sums: { [name]: 'ab'.repeat(32) } }, 'ERR_DIGEST_MISMATCH'],
    [
      'was cut short',
      { files: { [name]: good.subarray(0, good.length / 2) }, sums: { [name]: digestOf(good).slice(7) } },
      'ERR_DIGEST_MISMATCH',
    ],
    [
      'is for another platform',
      { files: { [name]: archiveOf(root, programFor('linux/arm64')) } },
      'ERR_DOCUMENT_INVALID',
    ],
    [
      'is for another system',
      { files: { [name]: archiveOf(root, programFor('darwin/arm64')) } },
      'ERR_DOCUMENT_INVALID',
    ],
    [
      'has no program',
      { files: { [name]: archiveOf('node-v24.5.0-linux-arm64', programFor('linux/amd64')) } },
      'ERR_DOCUMENT_INVALID',
    ],
    ['is no archive', { files: { [name]: Buffer.from('<html>log in</html>') } }, 'ERR_ARCHIVE_INVALID'],
    ['is empty', { files: { [name]: Buffer.alloc(0) } }, 'ERR_ARCHIVE_INVALID'],
    ['has no sum', { files: {} }, 'ERR_CHECKSUM_MISSING'],
  ])('%s: nothing of it gets to the stick or into the cache', async (_, change, code) => {
    const { stick, home, surroundings } = kitScene();
    const { url: mirror } = await siteOf([{ ...LTS, ...change }]);
    const platforms = ['linux/amd64'];
    expect(await codeOf(makeKit({ folder: stick, mirror, platforms }, surroundings))).toBe(code);
    expect(filesBelow(stick)).toEqual(['lab.tar']);
    expect(filesBelow(home).filter((path) => /node$|json$/.test(path))).toEqual([]);
  });

  it('is fetched again when the cache folder has it damaged', async () => {
    const { stick, home, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    await makeKit({ folder: stick, mirror }, surroundings);
    const cached = filesBelow(home).find((path) => path.endsWith('/node')) ?? '';
    truncateSync(join(home, cached), 100);
    const again = await makeKit({ folder: stick, mirror }, surroundings);
    expect(again.fetchedBytes).toBeGreaterThan(0);
    expect(again.writtenBytes).toBe(0);
  });
});

describe('on the filesystem of sticks', () => {
  for (const kind of ['fusefat', 'exfat', 'ntfs'] as const)
    it(`such as ${kind}, a kit is whole, and is not written again`, async (context) => {
      const { stick, surroundings } = kitScene();
      using disk = mountStick(context, kind, 48 * 1024 ** 2);
      writeFileSync(join(disk.path, 'lab.tar'), readFileSync(join(stick, 'lab.tar')));
      const { url: mirror } = await siteOf();
      const wish = { folder: disk.path, mirror, platforms: ['linux/amd64', 'windows/amd64'] };
      const made = await makeKit(wish, surroundings);
      expect(await makeKit(wish, surroundings)).toMatchObject({ writtenBytes: 0, digest: made.digest });
      // Fewer platforms: what is no longer of the kit goes.
      await makeKit({ ...wish, platforms: ['linux/amd64'] }, surroundings);
      disk.protect();
      expect(filesBelow(disk.path)).not.toContain('kit/node/win-x64/node.exe');
      const report = await verifyBundle({ path: join(disk.path, 'lab.tar') }, surroundings);
      expect(report).toMatchObject({ ok: true, kit: { ok: true } });
      expect(await codeOf(makeKit(wish, surroundings))).toBe('ERR_OUTPUT_UNWRITABLE');
    });
});

describe('where the download site is down', () => {
  it('the kit is that of the last time, from the cache folder', async () => {
    const { stick, surroundings } = kitScene();
    const site = await startNodeSite(RELEASES);
    const wish = { folder: stick, mirror: site.url };
    const first = await makeKit(wish, surroundings);
    await site[Symbol.asyncDispose]();
    rmSync(join(stick, 'kit/node'), { recursive: true });
    const again = await makeKit(wish, surroundings);
    expect(again.digest).toBe(first.digest);
    expect(again.findings.map(({ message }) => message)).toEqual([
      'The kit uses Node.js 24.5.0, as the last kit did: the download site does not answer',
    ]);
  });

  it('there is none where there never was one', async () => {
    const { stick, surroundings } = kitScene();
    const site = await startNodeSite(RELEASES);
    await site[Symbol.asyncDispose]();
    const code = await codeOf(makeKit({ folder: stick, mirror: site.url }, surroundings));
    expect(code).toBe('ERR_NETWORK_FAILED');
  });
});

describe('a folder that takes no kit', () => {
  it.each<[string, (stick: string) => string, string]>([
    ['does not exist', (stick) => join(stick, 'none'), 'there is no such folder'],
    ['is a file', (stick) => join(stick, 'lab.tar'), 'it is not a folder'],
    [
      'has a file of one of its names',
      (stick) => (writeFileSync(join(stick, 'bundle'), 'mine'), stick),
      '"bundle" is there already',
    ],
    ['has a folder of its name', (stick) => (mkdirSync(join(stick, 'kit')), stick), '"kit" is there already'],
    [
      'is a bundle',
      (stick) => (writeFileSync(join(stick, 'bundle.json'), '{}'), stick),
      'it is itself a bundle',
    ],
  ])('%s', async (_, prepare, fact) => {
    const { stick, surroundings } = kitScene();
    const site = await siteOf();
    const folder = prepare(stick);
    await expect(makeKit({ folder, mirror: site.url }, surroundings)).rejects.toThrow(fact);
    expect(site.requests).toEqual([]);
  });

  it.skipIf(NO_SMALL_DISK)('is full: that is told before anything is written', async () => {
    const { surroundings } = kitScene();
    using disk = mountSmallDisk(16 * 1024);
    const { url: mirror } = await siteOf();
    expect(await codeOf(makeKit({ folder: disk.path, mirror }, surroundings))).toBe('ERR_DISK_FULL');
    expect(filesBelow(disk.path)).toEqual([]);
  });

  it.skipIf(NO_SMALL_DISK)('is read-only', async () => {
    const { surroundings } = kitScene();
    using disk = mountSmallDisk(1024 * 1024);
    setReadOnly(disk.path, true);
    const { url: mirror } = await siteOf();
    expect(await codeOf(makeKit({ folder: disk.path, mirror }, surroundings))).toBe('ERR_OUTPUT_UNWRITABLE');
  });
});

describe('verifying a bundle', () => {
  it.each(['kit/node/linux-x64/node', 'kit/program/parts/verify.mjs', 'bundle', 'START-HERE.html'])(
    'finds a byte of %s that changed',
    async (path) => {
      const { stick, surroundings } = kitScene();
      const { url: mirror } = await siteOf();
      await makeKit({ folder: stick, mirror }, surroundings);
      const bytes = readFileSync(join(stick, path));
      bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
      writeFileSync(join(stick, path), bytes);
      const report = await verifyBundle({ path: join(stick, 'lab.tar') }, surroundings);
      expect(report).toMatchObject({
        ok: false,
        problems: [{ code: 'ERR_KIT_DAMAGED', path }],
        kit: { ok: false, path: stick },
      });
    },
  );

  it.each(['kit/program/main.js', 'SHA256SUMS'])('finds that %s is missing', async (path) => {
    const { stick, surroundings } = kitScene();
    const { url: mirror } = await siteOf();
    await makeKit({ folder: stick, mirror }, surroundings);
    rmSync(join(stick, path));
    const report = await verifyBundle({ path: join(stick, 'lab.tar') }, surroundings);
    expect(report.problems).toMatchObject([{ code: 'ERR_KIT_DAMAGED', path }]);
  });

  it('says nothing of a kit where there is none', async () => {
    const { stick, surroundings } = kitScene();
    expect((await verifyBundle({ path: join(stick, 'lab.tar') }, surroundings)).kit).toBeUndefined();
  });
});
