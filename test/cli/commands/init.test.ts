import { describe, expect, it } from 'vitest';
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
    expect(value['images']).toHaveLength(3);
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
