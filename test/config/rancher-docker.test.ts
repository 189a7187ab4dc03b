import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderConfig } from '../../src/config/render.ts';
import { shellWord } from '../../src/config/shell-word.ts';
import type { Site } from '../../src/config/site.ts';
import { configSite } from '../support/sites/config-site.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Runs a script with functions in place of the programs, and returns the arguments that each of them got. */
function callsIn(script: string, shell = 'bash'): string[][] {
  const stub = ['docker', 'mkdir', 'cp']
    .map((name) => `${name}() { printf '%s\\0' ${name} "$@"; printf '\\036'; }`)
    .join('\n');
  const printed = execFileSync(shell, ['-c', `${stub}\n${script}`], { encoding: 'utf8' });
  return printed
    .split('\u001E')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1));
}

function scriptFor(site: Site, rancherTag = 'v2.9.2'): string {
  return renderConfig('rancher-docker', site, { rancherTag }).files[0]?.text ?? '';
}

const HEAD = [
  'docker',
  'run',
  '-d',
  '--restart=unless-stopped',
  '--privileged',
  '-p',
  '80:80',
  '-p',
  '443:443',
];
const REGISTRIES = ['-v', '/opt/registries.yaml:/etc/rancher/k3s/registries.yaml'];

describe('rancher-docker', () => {
  it('runs against a registry whose certificate everyone trusts', () => {
    const site = configSite({ host: 'harbor.kingsd.top', username: 'admin' });
    expect(callsIn(scriptFor(site, 'v2.5.8'))).toEqual([
      ['docker', 'login', '--username', 'admin', 'harbor.kingsd.top'],
      [
        ...HEAD,
        '-e',
        'CATTLE_SYSTEM_DEFAULT_REGISTRY=harbor.kingsd.top',
        '-e',
        'CATTLE_SYSTEM_CATALOG=bundled',
        ...REGISTRIES,
        'harbor.kingsd.top/rancher/rancher:v2.5.8',
      ],
    ]);
  });

  it('runs against one with a private authority, which Docker and the K3s inside both get', () => {
    const site = configSite({ host: 'harbor.lab:8443', prefix: 'lab', caFile: "/opt/lab's certs/ca.crt" });
    const calls = callsIn(scriptFor(site));
    expect(calls.slice(0, 2)).toEqual([
      ['mkdir', '-p', '/etc/docker/certs.d/harbor.lab:8443'],
      ['cp', "/opt/lab's certs/ca.crt", '/etc/docker/certs.d/harbor.lab:8443/ca.crt'],
    ]);
    expect(calls[2]).toEqual([
      ...HEAD,
      '-e',
      'CATTLE_SYSTEM_DEFAULT_REGISTRY=harbor.lab:8443/lab',
      '-e',
      'CATTLE_SYSTEM_CATALOG=bundled',
      ...REGISTRIES,
      '-v',
      "/opt/lab's certs/ca.crt:/opt/lab's certs/ca.crt:ro",
      'harbor.lab:8443/lab/rancher/rancher:v2.9.2',
    ]);
    // What registries.yaml names is what is mounted.
    const yaml = renderConfig('registries.yaml', site).files[0]?.text ?? '';
    expect(yaml).toContain(`ca_file: "/opt/lab's certs/ca.crt"`);
  });

  it('runs against one that speaks plain HTTP, and says what Docker needs for that', () => {
    const script = scriptFor(configSite({ host: '3.96.56.137', scheme: 'http' }));
    expect(callsIn(script)).toHaveLength(1);
    expect(script).toContain('bundle config daemon.json');
    expect(script).toContain('\n  3.96.56.137/rancher/rancher:v2.9.2\n');
  });

  it('is a script that bash and sh both read, with no comment behind a backslash', () => {
    using folder = temporaryFolder();
    for (const site of [configSite(), configSite({ username: `a'b $(c) \`d\``, caFile: '/x y' })]) {
      const path = join(folder.path, 'run.sh');
      writeFileSync(path, scriptFor(site));
      for (const shell of ['bash', 'sh']) execFileSync(shell, ['-n', path]);
      expect(scriptFor(site)).not.toMatch(/\\ +#|\\[ \t]+$/m);
    }
  });

  it('wants to know the version', () => {
    expect(() => renderConfig('rancher-docker', configSite())).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_INVALID',
        hint: expect.stringContaining('--rancher-version'),
      }),
    );
  });

  it('refuses a path that "-v" cannot hold', () => {
    const site = configSite({ caFile: '/opt/a:b.crt' });
    expect(() => renderConfig('rancher-docker', site, { rancherTag: 'v2.9.2' })).toThrow(/a colon in it/);
  });
});

describe('shellWord', () => {
  const words = [
    '',
    'plain',
    "it's",
    '$HOME',
    '`id`',
    '$(id)',
    'a b',
    '*',
    '~',
    '#',
    '!x',
    '-n',
    'a\\',
    '"',
    'é',
    'a;b',
    'a\nb',
  ];

  it.each(['bash', 'sh'])('gives %s back what went in', (shell) => {
    expect(callsIn(`docker ${words.map(shellWord).join(' ')}`, shell)).toEqual([['docker', ...words]]);
  });

  it('leaves plain words as they are', () => {
    expect(shellWord('harbor.lab:8443/a_b-c@d%e+f=g,h')).toBe('harbor.lab:8443/a_b-c@d%e+f=g,h');
  });
});
