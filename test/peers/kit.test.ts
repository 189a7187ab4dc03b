import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/oci/digest.ts';
import { makeKit } from '../../src/verbs/kit.ts';
import { peer, requirePeer } from '../support/peers/peers.ts';
import { NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { buildProgram, realRelease } from '../support/process/real-runtime.ts';
import { plannedKubectl } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { startNodeSite } from '../support/sites/node-site.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A kit with the Node.js that runs this test, in a folder whose name no shell reads as it is. */
let folder: ReturnType<typeof temporaryFolder>;
let stick: string;
let root: Digest;
const run = promisify(execFile);
const NODE = `kit/node/linux-${process.arch}/node`;

beforeAll(async () => {
  folder = temporaryFolder();
  stick = join(folder.path, 'a stick & 日本 läb');
  const home = join(folder.path, 'builder');
  for (const path of [stick, home]) mkdirSync(path);
  const bundle = sampleBundle([plannedKubectl('1.30.6', 'linux/amd64')]);
  writeFileSync(join(stick, 'lab.tar'), bundle.tar);
  root = bundle.plan.root;
  await using site = await startNodeSite([await realRelease(folder.path)]);
  const program = buildProgram(join(folder.path, 'dist'));
  const surroundings = { env: { HOME: home }, home, host: { platform: 'linux', arch: 'x64' }, program };
  await makeKit({ folder: stick, mirror: site.url, platforms: ['linux/amd64'] }, surroundings);
}, 120_000);
afterAll(() => folder[Symbol.dispose]());

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the launcher as a user types it, with nothing in the environment but what is given. */
function start(
  argv: readonly string[],
  options: {
    readonly in?: string;
    readonly shell?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Run {
  const { in: cwd = stick, shell = [], env = {} } = options;
  const [command = '', ...rest] = [...shell, './bundle', ...argv];
  return spawnSync(command, rest, { cwd, env: { ...env }, encoding: 'utf8' });
}

function newHome(): string {
  const home = join(folder.path, `home ${readdirSync(folder.path).length}`);
  mkdirSync(home);
  return home;
}

describe('the launcher of a kit', { timeout: 180_000 }, () => {
  it('verifies, installs and takes back with nothing but the stick', () => {
    const env = { HOME: newHome() };
    const verified = start(['verify', 'lab.tar'], { env });
    expect(verified.status).toBe(0);
    // The launcher that is there is what the user has.
    expect(verified.stderr).toMatch(
      /^next: install it, where it is needed: sh \S.*\/bundle"? install lab\.tar\n$/,
    );
    expect(verified.stdout).toContain(`root ${root}`);
    expect(verified.stdout).toContain('and the kit beside it');
    expect(start(['install', 'lab.tar'], { env }).status).toBe(0);
    expect(existsSync(join(env.HOME, '.kuberlr', 'linux-amd64', 'kubectl1.30.6'))).toBe(true);
    expect(start(['uninstall', 'lab.tar'], { env }).status).toBe(0);
    expect(existsSync(join(env.HOME, '.kuberlr'))).toBe(false);
  });

  it('passes the exit status on', () => {
    const env = { HOME: newHome() };
    expect(start(['verify', 'none.tar'], { env }).status).toBe(5);
    expect(start(['nonsense'], { env }).status).toBe(2);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['no PATH', {}],
    ['an empty PATH', { PATH: '' }],
    ['no HOME', { PATH: '/usr/bin:/bin' }],
    ['a HOME that is not there', { HOME: '/nonexistent/home' }],
  ])('starts with %s', (_, env) => {
    const TMPDIR = newHome();
    expect(start(['version'], { env: { ...env, TMPDIR }, shell: ['/bin/sh'] })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(existsSync('/nonexistent')).toBe(false);
  });

  it('starts in whatever folder, by its path and by a link', () => {
    const env = { HOME: newHome() };
    const link = join(env.HOME, 'bundle');
    execFileSync('ln', ['-s', join(stick, 'bundle'), link]);
    for (const path of [join(stick, 'bundle'), link])
      expect(spawnSync(path, ['version'], { cwd: '/', env, encoding: 'utf8' }).status).toBe(0);
    expect(spawnSync('sh', ['bundle', 'version'], { cwd: stick, env: { ...env, PATH: '/bin' } }).status).toBe(
      0,
    );
  });

  it.each([[['/bin/sh']], [['bash']]])('is read by %j', (shell) => {
    const env = { HOME: newHome(), PATH: '/usr/bin:/bin' };
    expect(start(['version'], { env, shell })).toMatchObject({ status: 0 });
  });

  it('is read by busybox', (context) => {
    const busybox = requirePeer(context, 'busybox');
    const env = { HOME: newHome(), PATH: '/usr/bin:/bin' };
    expect(start(['version'], { env, shell: [busybox, 'sh'] })).toMatchObject({ status: 0 });
  });

  it('hands Ctrl-C on', async () => {
    const child = spawn(join(stick, 'bundle'), ['serve', 'lab.tar', '--listen', '127.0.0.1:0'], {
      cwd: stick,
      env: { HOME: newHome(), PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (/Serving/.test(told)) child.kill('SIGINT');
    });
    const [status, signal] = await once(child, 'exit');
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });

  it('hands itself and the bundle on to another machine of the site', async (context) => {
    const curl = requirePeer(context, 'curl');
    const server = spawn(join(stick, 'bundle'), ['serve', 'lab.tar', '--listen', '127.0.0.1:0'], {
      cwd: stick,
      env: { HOME: newHome(), PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const origin = await new Promise<string>((resolve, reject) => {
        let told = '';
        server.stderr.on('data', (chunk: Buffer) => {
          told += chunk.toString();
          const found = /(http:\/\/127\.0\.0\.1:\d+)/.exec(told)?.[1];
          if (found !== undefined) resolve(found);
        });
        server.once('exit', () => reject(new Error(told)));
      });
      const env = { HOME: newHome(), PATH: '/usr/bin:/bin' };
      const page = await (await fetch(origin, { headers: { accept: 'text/html' } })).text();
      const line = `curl -fsS ${origin}/kit/install.sh | sh`;
      for (const shown of [line, `${origin}/bundles/lab.tar`]) expect(page).toContain(shown);
      const digest = `sha256:${sumOf(join(stick, 'SHA256SUMS'))}`;
      expect(page).toContain(digest);
      const brought = await run('/bin/sh', ['-c', line], { env });
      expect(brought.stderr).toBe('');
      const command = join(env.HOME, '.local/bin/bundle');
      expect(brought.stdout).toContain(`its command is ${command}`);
      // In two parts, the second by Range.
      writeFileSync(join(env.HOME, 'lab.tar'), readFileSync(join(stick, 'lab.tar')).subarray(0, 1000));
      await run(curl, ['-fsS', '-C', '-', '-O', `${origin}/bundles/lab.tar`], { cwd: env.HOME, env });
      const verified = await run(command, ['verify', 'lab.tar'], { cwd: env.HOME, env });
      expect(verified.stdout).toContain(`root ${root}`);
      for (const path of ['/kit/files/../lab.tar', '/kit/files/lab.tar', '/bundles/bundle', '/kit/nothing'])
        expect((await fetch(`${origin}${path}`)).status).toBe(404);
      expect(await (await fetch(`${origin}/kit/install.ps1`)).text()).toContain(digest.slice(7));
    } finally {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
  });

  it('says in one sentence that it has no runtime for this system', () => {
    const bin = fakeUname('Linux', 'riscv64');
    const { status, stdout, stderr } = start(['version'], { env: { PATH: `${bin}:/bin`, HOME: newHome() } });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      `error: Cannot start: this kit has no runtime for Linux on riscv64, only for: linux-${process.arch}\n`,
    );
  });

  it.each([
    [NODE, 3, /kit\/node\/linux-\w+\/node" is damaged: copy the kit again/],
    ['kit/program/program.mjs', 3, /kit\/program\/program\.mjs" is damaged: copy the kit again/],
  ])('finds a byte of %s that changed the first time it runs', (path, status, sentence) => {
    using copy = copyOfStick();
    const file = join(copy.path, path);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    rmSync(file);
    writeFileSync(file, bytes, { mode: 0o755 });
    const found = start(['version'], { in: copy.path, env: { HOME: newHome() } });
    expect(found).toMatchObject({ status, stdout: '' });
    expect(found.stderr).toMatch(sentence);
    expect(found.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('checks the runtime again when it changed after the first time', () => {
    using copy = copyOfStick();
    const env = { HOME: newHome() };
    expect(start(['version'], { in: copy.path, env }).status).toBe(0);
    rmSync(join(copy.path, NODE));
    writeFileSync(join(copy.path, NODE), 'no program', { mode: 0o755 });
    expect(start(['version'], { in: copy.path, env })).toMatchObject({ status: 3, stdout: '' });
  });

  it.each([['SHA256SUMS'], ['kit/program/main.js']])('misses %s', (path) => {
    using copy = copyOfStick();
    rmSync(join(copy.path, path));
    expect(start(['version'], { in: copy.path, env: { HOME: newHome() } })).toMatchObject({
      status: 3,
      stdout: '',
    });
  });
});

describe.skipIf(NO_SMALL_DISK)('a stick that lets no program start', { timeout: 180_000 }, () => {
  it.each([['noexec'], ['showexec']])('%s: the runtime is copied once, checked, and said so', (kind) => {
    using disk = mountImage(kind === 'noexec' ? ['noexec', 'nosuid', 'nodev'] : []);
    const there = join(disk.path, 'a stick & 日本');
    cpSync(stick, there, { recursive: true });
    // FAT with "showexec" gives no file but those of DOS its x.
    if (kind === 'showexec') for (const path of ['bundle', NODE]) chmodSync(join(there, path), 0o644);
    const env = { HOME: newHome() };
    const options = { in: there, env, shell: ['/bin/sh'] };
    const first = start(['version'], options);
    expect(first.status).toBe(0);
    const sum = sumOf(join(stick, NODE));
    const copy = join(env.HOME, '.cache/saddlebag', `node-${sum}`);
    expect(first.stderr).toBe(`This medium lets no program start: copying the runtime to "${copy}", once\n`);
    expect(sumOf(copy)).toBe(sum);
    expect(statSync(join(env.HOME, '.cache/saddlebag')).mode & 0o077).toBe(0);
    expect(start(['version'], options)).toMatchObject({ status: 0, stderr: '' });
    // A copy that somebody changed is not started.
    writeFileSync(copy, '#!/bin/sh\necho changed\n');
    const again = start(['version'], options);
    expect(again.stdout).not.toContain('changed');
    expect(again.status).toBe(0);
  });

  it('does not copy into a folder of another user', () => {
    using disk = mountImage(['noexec']);
    cpSync(stick, disk.path, { recursive: true });
    const TMPDIR = newHome();
    mkdirSync(join(TMPDIR, 'saddlebag-0'));
    execFileSync('chown', ['65534', join(TMPDIR, 'saddlebag-0')]);
    const refused = start(['version'], { in: disk.path, shell: ['/bin/sh'], env: { TMPDIR } });
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('this user has no folder to copy the runtime to');
  });

  it('runs for a user who may not write to it', () => {
    using copy = copyOfStick();
    const TMPDIR = newHome();
    chmodSync(TMPDIR, 0o777);
    for (const path of [folder.path, copy.path]) chmodSync(path, 0o755);
    const argv = ['--reuid=65534', '--regid=65534', '--clear-groups', './bundle', 'verify', 'lab.tar'];
    const found = spawnSync('setpriv', argv, {
      cwd: copy.path,
      env: { PATH: '/usr/bin:/bin', TMPDIR },
      encoding: 'utf8',
    });
    expect(found).toMatchObject({ status: 0, stderr: expect.stringMatching(/^next: .*\n$/) });
  });

  it('says in one sentence that it does not run with musl', (context) => {
    const busybox = requirePeer(context, 'busybox');
    using copy = copyOfStick();
    for (const name of ['bin', 'tmp']) mkdirSync(join(copy.path, name));
    copyFileSync(busybox, join(copy.path, 'bin', 'busybox'));
    // A static busybox is all that there is: no loader of glibc.
    const inside = (...argv: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync('/usr/sbin/chroot', [copy.path, ...argv], { encoding: 'utf8', env: {} });
    if (inside('/bin/busybox', 'true').status !== 0) context.skip('skipped: this busybox is not static');
    inside('/bin/busybox', '--install', '-s', '/bin');
    const found = inside('/bin/sh', '/bundle', 'version');
    expect(found).toMatchObject({ status: 2, stdout: '' });
    expect(found.stderr).toMatch(
      /^error: Cannot start: the runtime needs glibc 2\.28 or newer, .* it does not run with musl\n$/,
    );
  });
});

function sumOf(path: string): string {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
}

/** A `uname` that says something else. */
function fakeUname(system: string, machine: string): string {
  const bin = newHome();
  const script = `#!/bin/sh\n[ "$1" = -m ] && echo ${machine} || echo ${system}\n`;
  writeFileSync(join(bin, 'uname'), script, { mode: 0o755 });
  return bin;
}

function copyOfStick(): Disposable & { readonly path: string } {
  const copy = temporaryFolder();
  // Links, as the runtime is large: whoever changes a file puts another one in its place.
  execFileSync('cp', ['-al', `${stick}/.`, copy.path]);
  return copy;
}

/** Mounts a fresh filesystem on a file, as a stick is one. */
function mountImage(options: readonly string[]): Disposable & { readonly path: string } {
  const place = temporaryFolder();
  const [image, path] = [join(place.path, 'image'), join(place.path, 'mount')];
  writeFileSync(image, '');
  truncateSync(image, 400 * 1024 * 1024);
  mkdirSync(path);
  execFileSync(peer('mkfs.ext4') ?? 'mkfs.ext4', ['-q', image]);
  execFileSync('mount', ['-o', ['loop', ...options].join(','), image, path]);
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync('umount', [path]);
      place[Symbol.dispose]();
    },
  };
}
