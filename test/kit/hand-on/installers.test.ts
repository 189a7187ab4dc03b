import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { powershellInstaller } from '../../../src/kit/hand-on/powershell.ts';
import { shellInstaller } from '../../../src/kit/hand-on/sh.ts';
import { rawTar, type RawEntry } from '../../support/archives/raw-tar.ts';
import { startHttpServer } from '../../support/http/http-server.ts';
import { requirePeer } from '../../support/peers/peers.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { type HandKit, writeHandKit } from '../../support/sites/hand-kit.ts';
import { filesBelow } from '../../support/sites/kit-scene.ts';
import { startServing } from '../../support/sites/serving.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);
const NAME = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64';

let folder: ReturnType<typeof temporaryFolder>;
let kit: HandKit;

beforeAll(() => {
  folder = temporaryFolder();
  const stick = join(folder.path, 'stick');
  mkdirSync(stick);
  kit = writeHandKit(stick);
  writeFileSync(join(stick, 'lab.tar'), sampleBundle().tar);
});
afterAll(() => folder[Symbol.dispose]());

function newHome(): string {
  const home = join(folder.path, `home ${readdirSync(folder.path).length}`);
  mkdirSync(home);
  return home;
}

/** Runs a script as `curl … | sh` does. */
async function pipe(
  script: string,
  {
    home,
    path = '/usr/bin:/bin',
    shell = ['/bin/sh'],
  }: { home: string; path?: string; shell?: readonly string[] },
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const file = join(home, 'script.sh');
  writeFileSync(file, script);
  const [command, ...argv] = [...shell, file];
  const options = { env: { HOME: home, PATH: path }, cwd: home };
  const ended = run(command, argv, options).then((said) => ({ status: 0, ...said }));
  return await ended.catch(({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
    status: code,
    stdout,
    stderr,
  }));
}

/** A PATH with the programs of busybox and no other. */
async function busyboxOnly(busybox: string): Promise<string> {
  const bin = newHome();
  await run(busybox, ['--install', '-s', bin]);
  return bin;
}

describe.skipIf(process.platform !== 'linux')('install.sh', () => {
  it('brings a kit with two requests: itself and one archive', async (context) => {
    requirePeer(context, 'curl');
    await using server = await startServing({
      paths: [join(kit.folder, 'lab.tar')],
      kitFolders: [kit.folder],
    });
    const script = await (await server.get('/kit/install.sh')).text();
    const home = newHome();
    const { status, stdout, stderr } = await pipe(script, { home });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`its command is ${join(home, '.local/bin/bundle')}`);
    expect(server.accesses.map(({ target }) => target)).toEqual([
      '/kit/install.sh',
      `/kit/archive/${NAME}.tar`,
    ]);
    const [name = ''] = readdirSync(join(home, '.local/share/saddlebag'));
    expect(readdirSync(join(home, '.local/share/saddlebag'))).toEqual([`kit-${kit.digest.slice(7, 19)}`]);
    expect(filesBelow(join(home, '.local/share/saddlebag', name))).toContain(`kit/node/${NAME}/node`);
    // Once more: the same again takes its place.
    expect((await pipe(script, { home })).status).toBe(0);
  });

  it('needs nothing but busybox, with its wget', async (context) => {
    const busybox = requirePeer(context, 'busybox');
    const path = await busyboxOnly(busybox);
    await using server = await startServing({
      paths: [join(kit.folder, 'lab.tar')],
      kitFolders: [kit.folder],
    });
    const script = await (await server.get('/kit/install.sh')).text();
    const home = newHome();
    const found = await pipe(script, { home, path, shell: [busybox, 'sh'] });
    expect(found).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(home, '.local/bin/bundle'), 'utf8')).toBe(kit.files['bundle']);
  });

  it('says what it lacks', async () => {
    const script = shellInstaller({ origin: 'http://127.0.0.1:9', digest: kit.digest });
    const home = newHome();
    const path = newHome();
    await run('ln', ['-s', '/usr/bin/uname', join(path, 'uname')]);
    expect(await pipe(script, { home, path })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'error: Cannot bring Saddlebag here: curl or wget is needed\n',
    });
  });

  const good = (): RawEntry[] => [
    { path: 'SHA256SUMS', bytes: kit.sums },
    ...Object.entries(kit.files)
      .filter(([path]) => !path.startsWith('kit/node/') || path.includes(`/${NAME}/`))
      .map(([path, bytes]) => ({ path, bytes })),
  ];
  const at = (path: string, change: Partial<RawEntry>): RawEntry[] =>
    good().map((entry) => (entry.path === path ? { ...entry, ...change } : entry));

  it.each<[string, () => Buffer | undefined, RegExp]>([
    ['no archive', () => undefined, /cannot be fetched: is there a runtime/],
    ['no tar', () => Buffer.from('<html>log in</html>'), /what arrived is no archive/],
    ['an archive without sums', () => rawTar(good().slice(1)), /what arrived is no archive/],
    [
      'other sums',
      () => rawTar(at('SHA256SUMS', { bytes: `${kit.sums}\n` })),
      /not what this script was made for/,
    ],
    ['an archive that was cut short', () => rawTar(good()).subarray(0, 9000), /not what was sent/],
    ['a changed file', () => rawTar(at('kit/program/main.js', { bytes: '// evil\n' })), /not what was sent/],
    [
      'a missing file',
      () => rawTar(good().filter(({ path }) => path !== 'kit/program/main.js')),
      /not what was sent/,
    ],
    [
      'a link in place of a file',
      () => rawTar(at('kit/program/main.js', { bytes: '', type: '2', link: '/etc/passwd' })),
      /not what was sent/,
    ],
  ])('takes nothing from a server with %s', async (_, archive, fact) => {
    const bytes = archive();
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    const home = newHome();
    const { status, stdout, stderr } = await pipe(
      shellInstaller({ origin: server.url, digest: kit.digest }),
      { home },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(fact);
    expect(readdirSync(join(home, '.local/share/saddlebag'))).toEqual([]);
    expect(existsSync(join(home, '.local/bin'))).toBe(false);
  });

  it('unpacks nothing that the sums do not name', async () => {
    const extra: RawEntry[] = [
      { path: '../../../evil', bytes: 'evil' },
      { path: 'kit/program/evil.mjs', bytes: 'evil' },
      { path: 'kit/program', type: '2', link: '/tmp' },
    ];
    const [first, ...others] = good();
    await using server = await startHttpServer((_request, response) => {
      response.end(rawTar([...(first === undefined ? [] : [first]), ...extra, ...others]));
    });
    const home = newHome();
    const { status } = await pipe(shellInstaller({ origin: server.url, digest: kit.digest }), { home });
    expect(status).toBe(0);
    expect(filesBelow(home).filter((path) => path.includes('evil'))).toEqual([]);
  });
});

describe('install.ps1', () => {
  const script = powershellInstaller({ origin: 'http://10.0.0.5:5000', digest: `sha256:${'ab'.repeat(32)}` });

  it('takes what the sums name out of one archive, and checks each file before anything gets its place', () => {
    const order = [
      '/archive/win-x64.tar',
      '-xf $archive -C $part SHA256SUMS',
      '(Get-Sum $sums) -ne $want',
      '-T "$part\\paths"',
      '(Get-Sum $file) -ne $line.Substring(0, 64)',
      'Move-Item -LiteralPath $part -Destination $to',
      'version | Out-Null',
    ].map((text) => script.indexOf(text));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  });

  it('fetches the files one by one where there is no tar', () => {
    expect(script).toContain('if (-not $hasTar) {');
    expect(script).toContain('$client.DownloadFile("$site/files/$path", $file)');
  });

  it('closes every bracket and quote that it opens', () => {
    const plain = script.replaceAll(/^\s*#.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''");
    for (const [open, close] of [
      ['{', '}'],
      ['(', ')'],
      ['[', ']'],
    ] as const)
      expect(plain.split(open).length).toBe(plain.split(close).length);
    expect(plain.split('"').length % 2).toBe(1);
  });
});
