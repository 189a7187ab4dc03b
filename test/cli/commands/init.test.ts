import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';
import { parseWhole } from '../../support/sites/spec-document.ts';
import { runInMemory } from '../../support/process/cli.ts';

describe('bundle init', () => {
  it('prints a spec that can be read as it is', async () => {
    const { status, stdout } = await runInMemory(['init']);
    expect(status).toBe(0);
    expect(stdout.startsWith('# yaml-language-server: $schema=./spec.schema.json\n')).toBe(true);
    expect(parseWhole(stdout, 'lab.yaml').value).toMatchObject({
      bundle: 1,
      name: 'lab',
      images: ['busybox:1.36'],
    });
  });

  it('has an example of every part, which can be read once its "#" is taken away', async () => {
    const { stdout } = await runInMemory(['init']);
    const whole = stdout.replaceAll(/^( *)# (\w+:|  +(?:[\w.]+:|- )|- )/gm, '$1$2');
    const { value } = parseWhole(whole, 'lab.yaml');
    expect(Object.keys(value)).toEqual(
      expect.arrayContaining([
        'imageLists',
        'rancherDesktop',
        'k3s',
        'kubectl',
        'rancher',
        'charts',
        'files',
        'kit',
      ]),
    );
    expect(value['images']).toHaveLength(6);
    expect(value).toMatchObject({
      images: expect.arrayContaining([{ engine: 'docker', reference: 'my/app:dev' }]),
      k3s: { from: 'v1.27.x', upgrade: true },
      rancher: { without: ['monitoring', 'istio'], kubernetes: ['v1.30'] },
    });
  });
});

describe('bundle init FROM', () => {
  it('prints a spec that asks for what the file asks for', async () => {
    using folder = temporaryFolder();
    const from = join(folder.path, 'Hauler Manifest.yaml');
    writeFileSync(
      from,
      [
        'apiVersion: content.hauler.cattle.io/v1',
        'kind: Images',
        'spec: { images: [{ name: busybox:1.36 }, { name: "quay.io/lab/app:1.10", platform: linux/arm64 }] }',
        '---',
        'apiVersion: content.hauler.cattle.io/v1',
        'kind: Files',
        'spec: { files: [{ path: scripts }] }',
        '',
      ].join('\n'),
    );
    const { status, stdout } = await runInMemory(['init', from], { verbs: 'real' });
    expect(status).toBe(0);
    expect(parseWhole(stdout, 'lab.yaml').value).toMatchObject({
      bundle: 1,
      name: 'hauler-manifest',
      images: ['busybox:1.36', { reference: 'quay.io/lab/app:1.10', platforms: ['linux/arm64'] }],
      files: [{ path: join(folder.path, 'scripts') }],
    });
    // What was printed says the same when it is read again.
    writeFileSync(join(folder.path, 'again.yaml'), stdout);
    const again = await runInMemory(['init', join(folder.path, 'again.yaml')], { verbs: 'real' });
    expect(again.stdout.replace(/^(?:#.*\n)+/, '').replace('name: again', 'name: hauler-manifest')).toBe(
      stdout.replace(/^(?:#.*\n)+/, ''),
    );
  });

  it.each([
    ['nope.yaml', undefined, /Cannot read file ".*nope\.yaml": there is no such file/],
    [
      'pod.yaml',
      'kind: Pod\n',
      /Cannot make a spec of ".*pod\.yaml": it is neither a spec nor .* names no image/,
    ],
    [
      'zarf.yaml',
      'kind: ZarfPackageConfig\ncomponents: [{ name: a, repos: [b] }]\n',
      /"components\[0\]\.repos" at .*zarf\.yaml:2:32: /,
    ],
  ])('is told what is wrong with %s', async (name, text, expected) => {
    using folder = temporaryFolder();
    const from = join(folder.path, name);
    if (text !== undefined) writeFileSync(from, text);
    const { status, stderr } = await runInMemory(['init', from], { verbs: 'real' });
    expect(status).toBe(2);
    expect(stderr).toMatch(expected);
  });
});

describe('bundle help spec', () => {
  it('has every key of a spec, and with --json the schema', async () => {
    const { stdout } = await runInMemory(['help', 'spec']);
    for (const key of ['rancherDesktop.versions', 'files[].sha256', 'kit.node', 'upstreams'])
      expect(stdout).toContain(key);
    const { stdout: json } = await runInMemory(['help', 'spec', '--json']);
    const schema = Object(JSON.parse(json));
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['images', 'kit', 'registries']));
  });
});
