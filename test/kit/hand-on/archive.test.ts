import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kitArchive } from '../../../src/kit/hand-on/archive.ts';
import { parseKitSums } from '../../../src/kit/sums.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { type HandKit, writeHandKit } from '../../support/sites/hand-kit.ts';
import { filesBelow } from '../../support/sites/kit-scene.ts';
import { type Serving, startServing } from '../../support/sites/serving.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let folder: ReturnType<typeof temporaryFolder>;
let kit: HandKit;
let server: Serving;

beforeAll(async () => {
  folder = temporaryFolder();
  const stick = join(folder.path, 'stick');
  mkdirSync(stick);
  kit = writeHandKit(stick);
  writeFileSync(join(stick, 'lab.tar'), sampleBundle().tar);
  server = await startServing({ paths: [join(stick, 'lab.tar')], kitFolders: [stick] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const COMMON = [
  'SHA256SUMS',
  'kit/kit.json',
  'kit/licences/node.txt',
  'kit/program/main.js',
  'kit/program/parts/verify.mjs',
];

describe('the archive of a kit that a server hands on', () => {
  it.each([
    ['linux-x64', ['bundle', 'kit/node/linux-x64/node']],
    ['linux-arm64', ['bundle', 'kit/node/linux-arm64/node']],
    ['win-x64', ['bundle.cmd', 'kit/node/win-x64/node.exe']],
  ])('for %s has what such a machine needs, the sums first, and no runtime of another', async (name, own) => {
    const answer = await server.get(`/kit/archive/${name}.tar`);
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(Number(answer.headers.get('content-length'))).toBe(bytes.length);
    const path = join(folder.path, `${name}.tar`);
    const to = join(folder.path, name);
    mkdirSync(to);
    writeFileSync(path, bytes);
    execFileSync('tar', ['-xf', path, '-C', to]);
    expect(filesBelow(to)).toEqual([...COMMON, ...own].toSorted());
    for (const file of own) expect(readFileSync(join(to, file), 'utf8')).toBe(kit.files[file]);
    expect(execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).split('\n')[0]).toBe('SHA256SUMS');
  });

  it('is as long as the answer to HEAD says', async () => {
    const head = await server.get('/kit/archive/linux-x64.tar', { method: 'HEAD' });
    const whole = await (await server.get('/kit/archive/linux-x64.tar')).arrayBuffer();
    expect(Number(head.headers.get('content-length'))).toBe(whole.byteLength);
  });

  it.each(['darwin-x64.tar', 'linux-x64', 'linux-x64.zip', '..%2flab.tar', 'linux-.tar', 'node.tar'])(
    'is not there as %s',
    async (name) => {
      expect((await server.get(`/kit/archive/${name}`)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it.each([
    ['longer', (path: string) => appendFileSync(path, 'x')],
    ['shorter', (path: string) => truncateSync(path, 3)],
    ['gone', (path: string) => rmSync(path)],
  ])('fails when a file became %s while it was sent', async (_, change) => {
    using other = temporaryFolder();
    const { sums } = writeHandKit(other.path);
    const parsed = parseKitSums(sums) ?? new Map<string, Digest>();
    const archive = await kitArchive({ folder: other.path, sums: parsed }, 'linux-x64');
    change(join(other.path, 'kit/program/main.js'));
    await expect(Array.fromAsync(archive?.open() ?? [])).rejects.toThrow(/another size than|ENOENT/);
  });
});
