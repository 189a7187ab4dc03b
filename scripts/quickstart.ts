/**
 * The main job on an embedded upstream: `bundle serve` over a bundle of sample content stands in for the internet, a
 * throw-away home and a registry for the offline host. No internet, no Docker.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LAB_IMAGES } from '../test/support/sites/lab.ts';
import { startRegistry } from '../test/support/registry/registry.ts';
import { buildProgram, realRelease } from '../test/support/process/real-runtime.ts';
import { startMain } from '../test/support/process/run-main.ts';
import { startNodeSite } from '../test/support/sites/node-site.ts';
import { startServedInternet } from '../test/support/sites/served-internet.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');
/** Large enough to show progress, small enough for a laptop. */
const FILE_BYTES = 2 * 1024 * 1024;
const WANTED = `images:
${LAB_IMAGES.map((reference) => `  - ${reference}`).join('\n')}
rancherDesktop:
  versions: [stable]
  platforms: [linux/amd64, windows/amd64, darwin/arm64]
k3s:
  versions: [stable]
  architectures: [amd64]
`;

const work = mkdtempSync(join(tmpdir(), 'saddlebag-quickstart-'));
const home = join(work, 'home');
try {
  await quickstart();
} finally {
  rmSync(work, { recursive: true });
}

async function quickstart(): Promise<void> {
  // Upstream images have more platforms than the spec asks for: two.
  const held = `platforms: [linux/amd64, linux/arm64]\n${WANTED}`;
  await using internet = await startServedInternet(held, { fileSize: FILE_BYTES, layerBytes: FILE_BYTES });
  await using offline = await startRegistry();
  const spec = `bundle: 1\nname: lab\nplatforms: [linux/amd64]\n${WANTED}`;
  writeFileSync(join(work, 'lab.yaml'), `${spec}\n${internet.routes}`);

  say('On the host with internet: lab.yaml says what is wanted');
  console.log(indent(spec));
  say('One command packs it');
  await bundle(['build', 'lab.yaml', '-o', 'lab.tar']);
  say('What is inside');
  await bundle(['inspect', 'lab.tar']);

  say('On the offline host: every byte is verified');
  await bundle(['verify', 'lab.tar']);
  say('One command puts it all in place, and proves it');
  const host = ['--host-platform', 'linux/amd64'];
  const cache = join(home, '.cache', 'rancher-desktop');
  const kuberlr = join(home, '.kuberlr');
  const targets = [`--rancher-desktop=${cache}`, `--kuberlr=${kuberlr}`, '--registry', offline.host];
  await bundle(['install', 'lab.tar', ...targets, ...host]);
  say('Once more: nothing is left to do');
  await bundle(['install', 'lab.tar', ...targets, ...host]);

  say('What the offline host has now');
  for (const path of filesBelow(home)) console.log(indent(`~/${path}`));
  console.log(indent(await tagsAt(offline.url)));

  say('Without a registry over there, the bundle itself is one');
  await serve(['serve', 'lab.tar', '--listen', '127.0.0.1:0']);

  // The kit of Windows starts in cmd, which this script does not speak.
  if (process.platform !== 'win32') await fromStick();
}

/** The program goes across too: a kit is made, and everything after that is done by what is on the stick. */
async function fromStick(): Promise<void> {
  const [stick, program] = [join(work, 'stick'), join(work, 'dist')];
  mkdirSync(stick);
  copyFileSync(join(work, 'lab.tar'), join(stick, 'lab.tar'));
  buildProgram(program);
  await using site = await startNodeSite([await realRelease(work)]);
  const platform = `${process.platform}/${process.arch}`;

  say('Nothing is installed over there: the stick takes the program along, and a Node.js to run it');
  await run(
    process.execPath,
    [join(program, 'main.js'), 'kit', 'stick', '--mirror', site.url, '--platform', platform],
    {
      shown: `bundle kit stick --platform ${platform}`,
    },
  );
  for (const name of readdirSync(stick).sort()) console.log(indent(`stick/${name}`));
  say('From the stick, under an empty environment, for a new user');
  const user = join(work, 'user');
  mkdirSync(user);
  const env = { HOME: user, PATH: '/usr/bin:/bin' };
  for (const args of [
    ['verify', 'lab.tar'],
    ['install', 'lab.tar', '--rancher-desktop', '--kuberlr'],
    ['uninstall', 'lab.tar'],
  ])
    await run('/bin/sh', ['bundle', ...args], { cwd: stick, env, shown: `sh bundle ${args.join(' ')}` });
}

async function tagsAt(url: string): Promise<string> {
  const response = await fetch(`${url}/v2/rancher/rancher/tags/list`);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return `${new URL(url).host} answers ${await response.text()}`;
}

/** Serves for as long as it takes to ask once. */
async function serve(args: readonly string[]): Promise<void> {
  console.log(`$ bundle ${args.join(' ')}`);
  const server = startMain(args, { cwd: work, env: { HOME: home } });
  try {
    const line = await server.line(/^(Serving .*)$/m);
    console.log(line);
    console.log(indent(await tagsAt(line.slice(line.indexOf('http')))));
  } finally {
    server.kill('SIGTERM');
    await server.ended;
  }
}

/** Runs the program as a user would, in the spec's folder and isolated from this user's home. */
async function bundle(args: readonly string[]): Promise<void> {
  const shown = `bundle ${args.map((arg) => arg.replaceAll(home, '~')).join(' ')}`;
  await run(process.execPath, [MAIN, ...args], { shown });
}

async function run(
  command: string,
  args: readonly string[],
  options: {
    /** The command line as a user types it. */
    readonly shown: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { shown, cwd = work } = options;
  console.log(`$ ${shown}`);
  const { PATH } = process.env;
  const env = options.env ?? {
    PATH,
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: join(home, 'AppData'),
  };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) throw new Error(`${shown} ended with ${status}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => relative(folder, join(folder, path)))
    .sort();
}

function say(text: string): void {
  console.log(`\n── ${text}\n`);
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '  ');
}
