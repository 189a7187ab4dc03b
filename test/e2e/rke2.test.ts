import { existsSync, mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startLab } from '../support/sites/lab.ts';

describe('RKE2 across the gap', () => {
  it('is built, locked, inspected, installed on a node and taken back', async () => {
    await using lab = await startLab();
    const spec = lab.spec('rke2: { versions: [stable], architectures: [x86_64], windows: [ltsc2022] }\n');
    const run = async (...argv: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await lab.run(argv).ended;
      if (status !== 0) throw new Error(stderr);
      return stdout;
    };
    const built: unknown = JSON.parse(await run('build', spec, '-o', lab.at('a.tar'), '--json'));
    const again: unknown = JSON.parse(await run('build', spec, '-o', lab.at('b.tar'), '--locked', '--json'));
    expect(Object(again).root).toBe(Object(built).root);
    expect(await run('inspect', lab.at('a.tar'))).toContain('v1.31.2+rke2r1');
    const node = lab.at('node');
    mkdirSync(node);
    const result: unknown = JSON.parse(
      await run('install', lab.at('a.tar'), `--rke2-node=${node}`, '--json'),
    );
    const archive = lab.at('node', 'var/lib/rancher/rke2/agent/images/rke2-images-core.linux-amd64.tar.zst');
    expect(existsSync(archive)).toBe(true);
    await run('uninstall', Object(result).receipt);
    expect(existsSync(archive)).toBe(false);
  });
});
