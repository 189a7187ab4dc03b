import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Rke2NodeOptions, rke2NodeTarget } from '../../../src/targets/rke2-node/rke2-node.ts';
import type { Target } from '../../../src/targets/target.ts';
import { install, installLab, takeBack } from '../../support/sites/install-lab.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { assetsOf, type SampleRke2 } from '../../support/sites/rke2-site.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import { artifactSample, bundleOf } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';
import { filesUnder, namesUnder } from '../../support/tree.ts';

const TAG = 'v1.31.2+rke2r1';
const IMAGES = 'var/lib/rancher/rke2/agent/images';
const ARTIFACTS = 'var/lib/saddlebag/rke2';
const ARCHIVES = ['canal', 'core'].map((part) => `rke2-images-${part}.linux-amd64.tar.zst`);

function rke2Sample(keep: RegExp, release: SampleRke2 = { tag: TAG }): PlannedSample {
  const files = [...assetsOf(release)]
    .filter(([name]) => keep.test(name))
    .map(([name, bytes]) => ({ name, bytes }));
  const scripts = ['install.sh', 'install.ps1'].map((name) => ({ name, bytes: Buffer.from(`# ${name}\n`) }));
  const item = {
    kind: 'rke2',
    name: release.tag,
    architectures: ['amd64'],
    windows: ['1809', 'ltsc2022'],
    audience: ['rke2-node'],
  } as const;
  return artifactSample(item, [...files, ...scripts]);
}

const WHOLE = rke2Sample(
  /images-(?:core|canal)\.linux-amd64\.(?:tar\.zst|txt)|^rke2\.linux-amd64\.tar|windows|sha256/,
);

async function setUp(
  samples: readonly PlannedSample[] = [WHOLE],
  options: Partial<Rke2NodeOptions> = {},
): Promise<{
  readonly root: string;
  readonly target: Target;
  readonly write: (path: string, text: string) => void;
}> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const root = join(scratch.path, 'root');
  const platform = { os: 'linux', architecture: 'amd64' };
  const target = rke2NodeTarget(await bundleOf(samples), { root, platform, ...options });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return { root, target, write };
}

describe('the RKE2 node target', () => {
  it('puts archives where the node imports them, and no list there; the rest where install.sh looks', async () => {
    const { root, target } = await setUp();
    await installTarget(target);
    expect(Object.keys(filesUnder(root))).toEqual([
      ...ARCHIVES.map((name) => `${IMAGES}/${name}`),
      `${ARTIFACTS}/install.sh`,
      `${ARTIFACTS}/rke2.linux-amd64.tar.gz`,
      `${ARTIFACTS}/sha256sum-amd64.txt`,
    ]);
  });

  it('proves it, and says the one command that installs', async () => {
    const { root, target } = await setUp();
    await installTarget(target);
    const folder = join(root, ARTIFACTS);
    expect(await target.prove()).toEqual([
      {
        level: 'ok',
        message: `RKE2 ${TAG} is ready to install: INSTALL_RKE2_ARTIFACT_PATH=${folder} sh ${folder}/install.sh`,
      },
    ]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(Array(5).fill('present'));
  });

  it.each([
    [`${IMAGES}/${ARCHIVES[0]}`, 'is not what its release has', 'error'],
    [`${ARTIFACTS}/rke2.linux-amd64.tar.gz`, 'is not what its release has', 'error'],
    [`${ARTIFACTS}/install.sh`, 'is not what its release has', 'error'],
    [`${IMAGES}/mine.tar`, 'RKE2 will import', 'warning'],
    [`${IMAGES}/list.txt`, 'RKE2 will try to pull', 'warning'],
  ])('sees when %s is changed: %s', async (path, message, level) => {
    const { target, write } = await setUp();
    await installTarget(target);
    write(path, 'x');
    const found = (await target.prove()).filter((finding) => finding.message.includes(message));
    expect(found.map((finding) => finding.level)).toEqual([level]);
  });

  it('places for a Windows agent its own archives, tarball and script', async () => {
    const platform = { os: 'windows', architecture: 'amd64' };
    const late = rke2Sample(/windows|sha256/, { tag: TAG, windowsLate: 'digest' });
    for (const sample of [WHOLE, late]) {
      const { root, target } = await setUp([sample], { platform });
      await installTarget(target);
      expect(namesUnder(join(root, ARTIFACTS))).toEqual([
        'install.ps1',
        'rke2.windows-amd64.tar.gz',
        'sha256sum-amd64.txt',
      ]);
      expect(namesUnder(join(root, IMAGES)).every((name) => name.startsWith('rke2-windows-'))).toBe(true);
      expect(await target.prove()).toMatchObject([{ level: 'ok' }]);
    }
  });

  it('warns when the core images are missing: the node would pull its own runtime', async () => {
    const { target } = await setUp([
      rke2Sample(/canal\.linux-amd64\.tar\.zst|^rke2\.linux-amd64\.tar|sha256/),
    ]);
    expect(await target.leftOut?.()).toMatchObject([
      { level: 'warning', message: expect.stringContaining('has no core images') },
    ]);
  });

  it.each([/core.*zst|sha256/, /core.*zst|^rke2\.linux-amd64\.tar/])(
    'refuses a release without what its script needs: only %s',
    async (keep) => {
      const { target } = await setUp([rke2Sample(keep)]);
      expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    },
  );

  it('takes the highest release, or the one that is named', async () => {
    const other = rke2Sample(/amd64/, { tag: 'v1.30.6+rke2r2' });
    const named = async (version?: string): Promise<readonly string[]> => {
      const { target } = await setUp([other, WHOLE], { version });
      return [...new Set((await target.plan()).map(({ name }) => name))];
    };
    expect(await named()).toEqual([TAG]);
    expect(await named('1.30.6')).toEqual(['v1.30.6+rke2r2']);
    expect(await thrownBy(named('1.29.0'))).toMatchObject({
      message: 'Cannot set up a node: the bundle has no RKE2 "1.29.0" for amd64',
    });
  });

  it('is installed and taken back as a whole', async () => {
    const lab = await installLab([WHOLE]);
    const root = lab.at('node');
    mkdirSync(join(root, 'var/lib'), { recursive: true });
    const before = filesUnder(root);
    const wish = { ...lab.options, targets: { 'rke2-node': root }, platform: 'linux/amd64' };
    const { receipt = '', findings } = await install(wish);
    expect(findings.map(({ level }) => level)).toEqual(['ok']);
    await takeBack(receipt, lab.options);
    expect(filesUnder(root)).toEqual(before);
    expect(namesUnder(join(root, 'var'))).toEqual(['lib']);
  });
});
