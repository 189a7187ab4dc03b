import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, property, string } from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Overview } from '../../src/page/overview.ts';
import { addressOf } from '../../src/page/address.ts';
import type { Client } from '../../src/page/client.ts';
import { clientsOf } from '../../src/page/clients.ts';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import { overviewFile, overviewItem, sampleOverview } from '../support/samples/sample-overview.ts';

const ORIGIN = 'http://bundle.lab:5000';

describe('the commands for clients', () => {
  it('are those of every program that finds something here', () => {
    expect(idsOf(clients())).toEqual([
      'docker',
      'containerd',
      'k3s-images',
      'windows',
      'k3s-install',
      'rancher-desktop',
      'kuberlr',
      'helm',
      'download',
    ]);
    expect(idsOf(clients({ overview: sampleOverview([overviewItem('image', 'docker.io/a/b:1')]) }))).toEqual([
      'docker',
      'containerd',
      'k3s-images',
      'windows',
    ]);
    expect(clients({ overview: sampleOverview([]) })).toEqual([]);
  });

  it('make this server the mirror of Docker Hub, and name what is from elsewhere as it is called here', () => {
    const [settings = '', ...others] = commandsOf('docker');
    expect(JSON.parse(settings)).toEqual({
      'registry-mirrors': [ORIGIN],
      'insecure-registries': ['bundle.lab:5000'],
    });
    expect(others).toEqual([
      'sudo systemctl restart docker',
      'docker pull rancher/rancher:v2.9.2',
      'docker pull bundle.lab:5000/quay.io/jetstack/cert-manager-controller:v1.15.3',
    ]);
  });

  it('make this server the mirror of all registries for containerd and K3s', () => {
    const [hosts = ''] = commandsOf('containerd');
    expect(parseToml(heredocOf(hosts))).toEqual({
      server: ORIGIN,
      host: { [ORIGIN]: { capabilities: ['pull', 'resolve'] } },
    });
    const [registries = ''] = commandsOf('k3s-images');
    expect(parseYaml(heredocOf(registries))).toEqual({ mirrors: { '*': { endpoint: [ORIGIN] } } });
  });

  it('install K3s from here, by the variables of older and newer scripts', () => {
    const [, install = ''] = commandsOf('k3s-install');
    expect(install).toContain(`${ORIGIN}/raw/k3s-io/k3s/v1.30.6%2Bk3s1/install.sh`);
    expect(install).toContain('INSTALL_K3S_VERSION=v1.30.6+k3s1');
    expect(install).toContain(`INSTALL_K3S_ARTIFACT_URL=${ORIGIN}/k3s-io/k3s/releases/download`);
    expect(install).toContain(`GITHUB_URL=${ORIGIN}/k3s-io/k3s/releases `);
  });

  it('tell kuberlr its mirror, and Helm its repository and registry', () => {
    const [, setting = ''] = commandsOf('kuberlr');
    expect(parseToml(setting)).toEqual({ KubeMirrorUrl: ORIGIN });
    expect(commandsOf('helm')).toEqual([
      `helm repo add saddlebag ${ORIGIN}/charts\nhelm install cert-manager saddlebag/cert-manager --version v1.15.3+b`,
      'helm install cert-manager oci://bundle.lab:5000/charts.jetstack.io/cert-manager --version v1.15.3+b --plain-http',
    ]);
  });

  it('have the password where one is asked for, and no mirror for Docker, which would send none', () => {
    const hasPassword = true;
    const [settings = '', , login] = commandsOf('docker', { hasPassword });
    expect(JSON.parse(settings)).toEqual({ 'insecure-registries': ['bundle.lab:5000'] });
    expect(login).toBe('docker login bundle.lab:5000');
    const [hosts = ''] = commandsOf('containerd', { hasPassword });
    expect(parseToml(heredocOf(hosts))).toMatchObject({
      host: { [ORIGIN]: { header: { Authorization: [expect.stringMatching(/^Basic /)] } } },
    });
    const [registries = ''] = commandsOf('k3s-images', { hasPassword });
    expect(parseYaml(heredocOf(registries))).toMatchObject({
      configs: { 'bundle.lab:5000': { auth: { username: 'USER', password: 'PASSWORD' } } },
    });
    expect(commandsOf('helm', { hasPassword })[0]).toContain('--username USER');
    expect(commandsOf('download', { hasPassword })[0]).toContain('-u USER');
    expect(commandsOf('kuberlr', { hasPassword }).at(-1)).toBe('bundle install lab.tar --kuberlr');
  });

  it('say nothing of plain HTTP where there is TLS', () => {
    const all = clients({ origin: 'https://bundle.lab' })
      .flatMap(({ steps }) => steps)
      .map(({ command = '' }) => command)
      .join('\n');
    expect(all).toContain('https://bundle.lab/');
    expect(all).not.toMatch(/http:|plain-http|insecure/);
  });

  it.each([true, false])('can be read by a shell (password: %s)', (hasPassword) => {
    const shell = clients({ hasPassword })
      .filter(({ id }) => id !== 'kuberlr' && id !== 'windows')
      .flatMap(({ steps }) => steps)
      .flatMap(({ command = '' }) => (/^[{[]/.test(command) ? [] : [command]));
    expect(shell.length).toBeGreaterThan(8);
    for (const command of shell) execFileSync('sh', ['-n', '-c', command]);
  });

  it("put Rancher Desktop's list where each system has its cache, and say that it takes the place of another", () => {
    const [, ...commands] = commandsOf('rancher-desktop', { hasPassword: true });
    const url = `${ORIGIN}/rancher-desktop/k3s-versions.json`;
    const folders = [
      '"${XDG_CACHE_HOME:-$HOME/.cache}/rancher-desktop/k3s-versions.json"',
      '"$HOME/Library/Caches/rancher-desktop/k3s-versions.json"',
      '"$env:LOCALAPPDATA\\rancher-desktop\\cache\\k3s-versions.json"',
    ];
    expect(commands.map((command) => command.replaceAll(/[\s\\]+(?=http)/g, ' '))).toEqual(
      folders.map((to, index) => {
        return `curl${index === 2 ? '.exe' : ''} -fsSL -u USER --create-dirs -o ${to} ${url}`;
      }),
    );
    const texts = clients()
      .find(({ id }) => id === 'rancher-desktop')
      ?.steps.map(({ text }) => text);
    expect(texts?.join(' ')).toContain('takes the place of the list that is there');
  });

  it('lead a Windows desktop from the program to the images', () => {
    const overview = sampleOverview();
    const [holding] = overview.holdings;
    const kit = { digest: digestOf('sums'), platforms: ['windows/amd64'] };
    const whole: Overview = {
      ...overview,
      kit,
      holdings: holding === undefined ? [] : [{ ...holding, downloads: ['/bundles/lab.tar'] }],
    };
    const script = `${ORIGIN}/raw/k3s-io/k3s/v1.30.6%2Bk3s1/install.sh`;
    const sum = hexOf(digestOf('install.sh'));
    const [get, settings = '', ...pulls] = commandsOf('windows', { overview: whole }).slice(-4);
    expect(commandsOf('windows', { overview: whole }).slice(0, 3)).toEqual([
      `irm ${ORIGIN}/kit/install.ps1 | iex`,
      `curl.exe -fsSL -C - -O ${ORIGIN}/bundles/lab.tar`,
      'bundle verify lab.tar\nbundle install lab.tar --rancher-desktop --kuberlr',
    ]);
    expect(get).toBe(
      `curl.exe -fsSL -o install.sh ${script}\ncertutil -hashfile install.sh SHA256 | findstr ${sum}`,
    );
    expect(JSON.parse(settings)).toMatchObject({ 'insecure-registries': ['bundle.lab:5000'] });
    const image = 'bundle.lab:5000/quay.io/jetstack/cert-manager-controller:v1.15.3';
    expect(pulls).toEqual([`docker pull ${image}`, `nerdctl --insecure-registry pull ${image}`]);
    const guarded = commandsOf('windows', { overview: whole, hasPassword: true });
    expect(guarded[0]).toBe(`curl.exe -fsSL -u USER -C - -O ${ORIGIN}/bundles/lab.tar`);
    expect(commandsOf('windows', { origin: 'https://lab', hasPassword: true }).join()).not.toContain(
      'insecure',
    );
  });

  it.each([
    ['of the name a:b', 'a:b', 1],
    ['of the name a/b', 'a/b', 1],
    ['that is empty, which certutil refuses', 'a', 0],
  ])('take no file as an example on Windows %s', (_, name, size) => {
    const file = { ...overviewFile(name, '/files/a'), size };
    const item = overviewItem('file', name, { files: [file] });
    expect(commandsOf('windows', { overview: sampleOverview([item]) })).toEqual([]);
  });

  it('use commands and options of ours that there are', () => {
    const [install = ''] = commandsOf('rancher-desktop');
    const reference = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
    const page = reference.split(/^## /m).find((text) => text.startsWith('bundle install\n')) ?? '';
    expect(install).toBe('bundle install lab.tar --rancher-desktop --kuberlr');
    const versions = sampleOverview([overviewItem('k3s-versions', 'k3s-versions')]);
    expect(commandsOf('rancher-desktop', { overview: versions })).toEqual([
      'bundle install lab.tar --rancher-desktop',
    ]);
    for (const option of install.match(/--[a-z-]+/g) ?? []) expect(page).toContain(option);
  });
});

describe('names that are dangerous to paste', () => {
  const HOSTILE = [
    'x;reboot',
    '$(reboot)',
    '`reboot`',
    "'; reboot '",
    'a\nreboot',
    '-o/etc/passwd',
    'a b',
    'ä',
  ];

  it.each(HOSTILE)('%j is in no command', (name) => {
    const all = JSON.stringify(clients({ overview: hostileOverview(name) }).map(({ steps }) => steps));
    expect(all).not.toContain(JSON.stringify(name).slice(1, -1));
  });

  it('are in no command by way of a path either', () => {
    const file = overviewFile('tool', "/files/tool';reboot;'");
    const overview = sampleOverview([overviewItem('file', "tool';reboot;'", { files: [file] })]);
    expect(clients({ overview })).toEqual([]);
  });

  it('leave every command of one shape', () => {
    assert(
      property(string({ unit: 'binary', minLength: 1 }), (name) => {
        const commands = clients({ overview: hostileOverview(name) })
          .flatMap(({ steps }) => steps)
          .map(({ command = '' }) => command);
        for (const command of commands.map(withoutVariables))
          expect(command).toMatch(/^[\w\s.+:/@"'<>*=[\]{}|~%\\,-]*$/);
      }),
    );
  });
});

function hostileOverview(name: string): Overview {
  const file = overviewFile(name, `/files/${encodeURIComponent(name.toWellFormed())}`);
  const kinds = ['image', 'k3s', 'kubectl', 'chart', 'file'] as const;
  const items = kinds.map((kind) => overviewItem(kind, name, { files: [file] }));
  const script = { ...file, name: 'install.sh' };
  const overview = sampleOverview([...items, overviewItem('k3s', name, { files: [script, file] })]);
  return { ...overview, holdings: overview.holdings.map((holding) => ({ ...holding, file: name })) };
}

/** A name from a bundle cannot be one of these. */
function withoutVariables(command: string): string {
  return command.replaceAll(/\$\{XDG_CACHE_HOME:-\$HOME\/\.cache\}|\$HOME|\$env:LOCALAPPDATA/g, '');
}

interface Case {
  readonly overview?: Overview;
  readonly origin?: string;
  readonly hasPassword?: boolean;
}

function clients({
  overview = sampleOverview(),
  origin = ORIGIN,
  hasPassword = false,
}: Case = {}): readonly Client[] {
  return clientsOf({ overview, address: addressOf(origin), hasPassword });
}

function idsOf(all: readonly Client[]): readonly string[] {
  return all.map(({ id }) => id);
}

function commandsOf(id: string, options: Case = {}): readonly string[] {
  const client = clients(options).find((one) => one.id === id);
  return (client?.steps ?? []).flatMap(({ command }) => command ?? []);
}

function heredocOf(command: string): string {
  return /<<'EOF'\n([\s\S]*)\nEOF$/.exec(command)?.[1] ?? '';
}
