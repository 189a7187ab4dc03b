import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startLab } from '../support/sites/lab.ts';
import { namesUnder } from '../support/tree.ts';

const RC = 'v1.37.0-rc1+k3s1';
const GOOD = 'v1.30.6+k3s1';
const SPEC = `rancherDesktop: { versions: [${GOOD}, ${RC}], platforms: [linux/amd64] }
k3s: { versions: [${GOOD}, 1.31.2, ${RC}], architectures: [x86_64] }
`;

describe('a release candidate of K3s', () => {
  it('is built, left out of Rancher Desktop with a warning, and put on a node by its tag', async () => {
    await using lab = await startLab();
    const done = async (...argv: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await lab.run(argv).ended;
      expect([status, stderr]).toEqual([0, expect.anything()]);
      return `${stdout}\n${stderr}`;
    };
    await done('build', lab.spec(SPEC), '-o', 'lab.tar');
    const cache = `--rancher-desktop=${lab.at('cache')}`;
    const target = [cache, '--host-platform', 'linux/amd64'];
    expect(await done('install', 'lab.tar', ...target)).toContain(
      `Rancher Desktop does not take K3s "${RC}": it never offers a release candidate; the install goes without it`,
    );
    expect(readdirSync(lab.at('cache', 'k3s'))).toEqual([GOOD]);
    for (const [tag, options] of [
      ['v1.31.2+k3s2', []],
      [RC, ['--k3s-version', RC]],
      [GOOD, ['--k3s-version', '1.30.6']],
    ] as const) {
      const root = lab.at('node', tag);
      const node = [`--k3s-node=${root}`, '--host-platform', 'linux/amd64', ...options];
      expect(await done('install', 'lab.tar', ...node)).toContain(`K3s ${tag} is ready to install`);
      expect(namesUnder(root)).toContain('usr/local/bin/k3s');
    }
  });
});
