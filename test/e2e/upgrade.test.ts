import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startLab } from '../support/sites/lab.ts';

const RELEASES = [
  { tag: 'v1.30.6+k3s1' },
  { tag: 'v1.29.14+k3s1' },
  { tag: 'v1.29.9+k3s1' },
  { tag: 'v1.28.15+k3s1' },
  { tag: 'v1.27.16+k3s1' },
];
const STEPS = ['v1.28.15+k3s1', 'v1.29.14+k3s1', 'v1.30.6+k3s1'];

describe('an upgrade across the gap', () => {
  it('is shown, locked, carried, printed step by step, and placed in order', async () => {
    await using lab = await startLab({ releases: RELEASES, channels: { stable: 'v1.30.6+k3s1' } });
    const spec = lab.spec('k3s: { from: v1.27.x, versions: [stable], architectures: [amd64] }\n');
    const run = async (...argv: readonly string[]) => await lab.run(argv).ended;
    const built = await run('build', spec, '-o', lab.at('up.tar'));
    expect(built.stdout).toContain(`K3s v1.27.x -> ${STEPS.join(' -> ')}`);
    const lock = readFileSync(lab.at('lab.lock.json'), 'utf8');
    const again = await run('build', spec, '-o', lab.at('up2.tar'), '--locked', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      upgrade: {
        paths: [{ product: 'K3s', from: 'v1.27.x', releases: STEPS }],
        order: STEPS.map((release) => ({ product: 'K3s', release })),
      },
    });
    await run('lock', spec);
    expect(readFileSync(lab.at('lab.lock.json'), 'utf8')).toBe(lock);

    const node = lab.at('node');
    mkdirSync(lab.at('node', 'usr/local/bin'), { recursive: true });
    const program = lab.at('node', 'usr/local/bin/k3s');
    const runs = (tag: string): void =>
      writeFileSync(program, `-X github.com/k3s-io/k3s/pkg/version.Version=${tag} `.padEnd(200));
    runs('v1.27.16+k3s1');
    const refused = await run('install', lab.at('up.tar'), `--k3s-node=${node}`);
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain('ERR_TARGET_OUT_OF_ORDER');
    expect(refused.stderr).toContain('Install v1.28.15+k3s1 first, with --k3s-version v1.28.15+k3s1');
    const step = await run(
      'install',
      lab.at('up.tar'),
      `--k3s-node=${node}`,
      '--k3s-version',
      'v1.28.15+k3s1',
    );
    expect(step.status).toBe(0);
    for (const [index, tag] of STEPS.entries())
      expect(step.stdout).toMatch(
        new RegExp(
          `^ +${index + 1} +K3s ${tag.replace('+', '\\+')} +bundle install .*up\\.tar --k3s-node=.* --k3s-version ${tag.replace('+', '\\+')}$`,
          'm',
        ),
      );
    runs('v1.28.15+k3s1');
    const forced = await run('install', lab.at('up.tar'), `--k3s-node=${node}`, '--out-of-order');
    expect(forced.status).toBe(0);
    expect(forced.stdout).toContain('v1.29 would be skipped');
  });
});
