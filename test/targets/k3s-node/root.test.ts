import { lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { k3sNodeTarget } from '../../../src/targets/k3s-node/k3s-node.ts';
import { faultyBundle } from '../../support/archives/faulty-bundle.ts';
import { bundleOf, k3sSample } from '../../support/samples/target-samples.ts';
import { install, installLab, type InstallLab, TAG, takeBack } from '../../support/sites/install-lab.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';
import { filesUnder, namesUnder } from '../../support/tree.ts';

const IMAGES = 'var/lib/rancher/k3s/agent/images';

/** Links below the root, by place; `OUT` is a folder of this host. With the folder in which the program of K3s lies then. */
const CASES: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['an absolute link to a folder of this host', { 'usr/local/bin': 'OUT' }, 'OUT'],
  ['an absolute link to a folder of the node', { 'usr/local': '/opt/local' }, 'opt/local/bin'],
  ['a relative link out', { 'usr/local/bin': '../../../../out' }, 'out'],
  ['a link in the middle', { 'var/lib': '/mnt/lib', 'usr/local': '../opt' }, 'opt/bin'],
  ['a chain', { usr: '/a', a: 'b', b: '../c' }, 'c/local/bin'],
  ['a dangling link', { 'usr/local': '/nowhere' }, 'nowhere/bin'],
  ['a link at the file itself', { 'usr/local/bin/k3s': 'OUT/victim' }, 'usr/local/bin'],
];

describe('a node with links in it', () => {
  it.each(CASES)('stays the node: %s', async (_, links, bin) => {
    const { lab, root, out } = await scene(links);
    const before = filesUnder(root);
    const { receipt = '', findings } = await install({ ...lab.options, targets: { 'k3s-node': root } });
    expect(findings).toMatchObject([{ level: 'ok' }]);
    expect(filesUnder(out)).toEqual({ victim: 'mine' });
    const program = join(root, bin.replace('OUT', out), 'k3s');
    expect(lstatSync(program).isFile()).toBe(true);
    const again = await install({ ...lab.options, targets: { 'k3s-node': root } });
    expect(new Set(again.actions.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
    await takeBack(receipt, lab.options);
    expect(filesUnder(root)).toEqual(before);
    expect(filesUnder(out)).toEqual({ victim: 'mine' });
  });

  it.each([
    ['an endless link', { 'usr/local': '/usr/local' }],
    ['a link to a file', { 'usr/local': '/etc/hosts' }],
  ])('is refused before any change: %s', async (_, links) => {
    const { lab, root } = await scene(links);
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/hosts'), '');
    const before = namesUnder(root);
    const error = await thrownBy(install({ ...lab.options, targets: { 'k3s-node': root } }));
    expect(error.code).toBe('ERR_TARGET_REFUSED');
    expect(namesUnder(root)).toEqual(before);
  });

  it('is read there by the proof, and looked through for what else K3s imports', async () => {
    const { root, out } = await scene({ 'var/lib': '/mnt/lib' });
    const target = k3sNodeTarget(await bundleOf([k3sSample(TAG)]), { root, architecture: 'amd64' });
    await installTarget(target);
    writeFileSync(join(root, 'mnt/lib/rancher/k3s/agent/images/mine.tar'), '');
    expect((await target.prove()).map(({ message }) => message)).toContain(
      `K3s will import ${join(root, IMAGES)}/mine.tar as well`,
    );
    const [program, elsewhere] = [join(root, 'usr/local/bin/k3s'), join(out, 'k3s')];
    renameSync(program, elsewhere);
    symlinkSync(elsewhere, program);
    expect(await target.prove()).toMatchObject([
      { level: 'error', message: `${program} is not what its release has` },
      { level: 'warning' },
    ]);
  });

  it('is not left by an uninstall either, when a link came after the install', async () => {
    const { lab, root, out } = await scene({});
    const { receipt = '' } = await install({ ...lab.options, targets: { 'k3s-node': root } });
    renameSync(join(root, 'usr/local/bin'), join(out, 'bin'));
    symlinkSync(join(out, 'bin'), join(root, 'usr/local/bin'));
    const { actions } = await takeBack(receipt, lab.options);
    expect(
      actions.filter(({ outcome }) => outcome === 'absent').map(({ destination }) => destination),
    ).toEqual([join(root, 'usr/local/bin/k3s')]);
    expect(Object.keys(filesUnder(out)).sort()).toEqual(['bin/k3s', 'victim']);
  });

  it('does not get a file whose folder became a link while it grew', async () => {
    const { root, out } = await scene({});
    const bundle = faultyBundle(await bundleOf([k3sSample(TAG)]), (_, honest) =>
      (async function* swapped() {
        yield* honest;
        const images = join(root, IMAGES);
        renameSync(images, `${images}.aside`);
        symlinkSync(out, images);
      })(),
    );
    const target = k3sNodeTarget(bundle, { root, architecture: 'amd64' });
    const [images] = await target.plan();
    if (images === undefined) throw new Error('nothing is planned');
    expect(await thrownBy(target.apply(images))).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    expect(namesUnder(out)).toEqual(['victim']);
    expect(readFileSync(join(out, 'victim'), 'utf8')).toBe('mine');
  });
});

/** A root with links, and a folder of this host that is none of its business. */
async function scene(
  links: Readonly<Record<string, string>>,
): Promise<{ readonly lab: InstallLab; readonly root: string; readonly out: string }> {
  const lab = await installLab([k3sSample(TAG)]);
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const [root, out] = [join(scratch.path, 'root'), join(scratch.path, 'out')];
  for (const folder of [root, out]) mkdirSync(folder);
  writeFileSync(join(out, 'victim'), 'mine');
  for (const [place, target] of Object.entries(links)) {
    mkdirSync(join(root, place, '..'), { recursive: true });
    symlinkSync(target.replace('OUT', out), join(root, place));
  }
  return { lab, root, out };
}
