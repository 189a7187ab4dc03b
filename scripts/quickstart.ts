/**
 * The main job on an embedded upstream: a local registry and a local mirror of the download sites with sample content
 * stand in for the internet, a throw-away home and a second registry for the offline host. No internet, no Docker.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { startRegistry } from '../test/support/registry.ts';
import { sampleImage } from '../test/support/sample-image.ts';
import { startUpstream } from '../test/support/upstream.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');
/** Large enough to see bytes move, small enough for a laptop's patience. */
const FILE_BYTES = 2 * 1024 * 1024;
const SAMPLES = ['rancher/rancher:v2.9.2', 'rancher/shell:v0.2.1', 'rancher/mirrored-pause:3.6'];

const work = mkdtempSync(join(tmpdir(), 'saddlebag-quickstart-'));
const home = join(work, 'home');
try {
  await quickstart();
} finally {
  rmSync(work, { recursive: true });
}

async function quickstart(): Promise<void> {
  await using internet = await startRegistry();
  await using sites = await startUpstream({ fileSize: FILE_BYTES });
  await using offline = await startRegistry();
  for (const reference of SAMPLES) {
    const [repository = '', tag = ''] = reference.split(':');
    const platforms = ['linux/amd64', 'linux/arm64'];
    const image = sampleImage({ name: reference, platforms, sharedLayers: ['base'], layerBytes: FILE_BYTES });
    await internet.seed(repository, image, tag);
  }
  const spec = specOf(internet.url, sites.upstreams);
  writeFileSync(join(work, 'lab.yaml'), spec);

  say('On the host with internet: lab.yaml says what is wanted');
  console.log(indent(spec.slice(0, spec.indexOf('registries:'))));
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
  const catalogue = await fetch(`${offline.url}/v2/rancher/rancher/tags/list`);
  console.log(indent(`${offline.host} answers ${await catalogue.text()}`));
}

function specOf(registry: string, upstreams: object): string {
  return `bundle: 1
name: lab
platforms: [linux/amd64]
images:
${SAMPLES.map((reference) => `  - ${reference}`).join('\n')}
rancherDesktop:
  versions: [stable]
  platforms: [linux/amd64, windows/amd64, darwin/arm64]
k3s:
  versions: [stable]
  architectures: [amd64]

registries:
  mirrors:
    docker.io: { endpoint: ["${registry}"] }
upstreams: ${JSON.stringify(upstreams)}
`;
}

/** Runs the program as a user would, in the folder of the spec and with nothing of this user's home. */
async function bundle(args: readonly string[]): Promise<void> {
  console.log(`$ bundle ${args.map((arg) => arg.replaceAll(home, '~')).join(' ')}`);
  const { PATH } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: work,
    env: { PATH, HOME: home, USERPROFILE: home, LOCALAPPDATA: join(home, 'AppData') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) throw new Error(`bundle ${args[0]} ended with ${status}`);
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
