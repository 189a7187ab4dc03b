import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blobPath } from '../../src/bundle/format/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { shapeFor } from '../../src/bundle/shape.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { writeRetryList } from '../../src/steps/retry-list.ts';
import { buildBundle } from '../../src/verbs/build.ts';
import { writeConfig } from '../../src/verbs/config.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { generateKeys } from '../../src/verbs/signing/keygen.ts';
import { lockSpec, type LockWish } from '../../src/verbs/lock.ts';
import { repairBundle } from '../../src/verbs/repair.ts';
import { signBundle } from '../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { buildPatch, damageBlob } from '../support/archives/damage.ts';
import { type FolderFault, recordDisk } from '../support/disk/recorded-disk.ts';
import { sampleSource } from '../support/planned/items.ts';
import { testKeys, writeKeys } from '../support/keys.ts';
import {
  LARGE,
  SHAPE_PLAN,
  SHAPE_SAMPLES,
  SHAPES,
  STICK,
  VOLUME,
  writeShape,
} from '../support/samples/shape-samples.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { install, installLab, LAB, takeBack } from '../support/sites/install-lab.ts';
import { startLab } from '../support/sites/lab.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

/** Something that is about to write under a folder. */
interface Writer {
  readonly folder: string;
  readonly write: () => Promise<unknown>;
}

type Shaped = (typeof SHAPES)[number];
const TAR: Shaped = ['lab.tar', { form: 'tar' }];
const DIR: Shaped = ['lab', { form: 'dir' }];
const CUT: Shaped = ['lab.tar', { form: 'tar', volumeSize: VOLUME }];

const HEAD = planBundle('lab', []);
const NO_BLOBS = sampleSource([]);

/** Whatever of the product writes to a disk that anybody counts on. */
const WRITERS: readonly (readonly [name: string, prepare: () => Writer | Promise<Writer>])[] = [
  ...SHAPES.flatMap(([name, shape]) => {
    const what = `${name} as ${JSON.stringify(shape)}`;
    return [
      [`a build of ${what}`, () => building([name, shape])],
      [`a build of ${what} on a stick`, () => building([name, shape], { filesystem: STICK })],
    ] as const;
  }),
  // Nothing is noted in the journal, so nothing is synced for its sake.
  ...(['lab.tar', 'lab.zip', 'lab'] as const).map(
    (name) =>
      [
        `a build of a head alone, ${name}`,
        () => inFolder((at) => writeBundle(HEAD, NO_BLOBS, { path: at(name), shape: shapeFor(name) })),
      ] as const,
  ),
  ['a build over an older one', () => rebuilding(TAR)],
  ['a build over an older folder', () => rebuilding(DIR)],
  ['a build over older volumes', () => rebuilding(CUT)],
  [
    'a build with its lock',
    () => withLab((wish, at) => buildBundle({ ...wish, out: at('lab.tar') }, NOBODY)),
  ],
  ['a lock', () => withLab((wish) => lockSpec(wish, NOBODY))],
  ['a conversion', () => withBundle(TAR, (path, at) => convertBundle({ path, out: at('lab.zip') }, NOBODY))],
  ...[TAR, DIR, CUT].map(
    (shaped) => [`a signature in ${shaped[0]} ${shaped[1].volumeSize ?? ''}`, () => signing(shaped)] as const,
  ),
  ...[TAR, DIR, CUT].map(
    (shaped) => [`a repair of ${shaped[0]} ${shaped[1].volumeSize ?? ''}`, () => repairing(shaped)] as const,
  ),
  ['a repair of a folder that has lost a file', () => repairing(DIR, { isLost: true })],
  ['a pair of keys', () => inFolder((at) => generateKeys({ path: at('lab.key') }, NOBODY))],
  [
    'a list of what is missing',
    () => withBundle(TAR, (path, at) => verifyBundle({ path, missingTo: at('list') }, NOBODY)),
  ],
  ['a list of what to push again', () => inFolder((at) => writeRetryList(at('list'), ['a', 'b']))],
  [
    'the configuration of nodes',
    () =>
      inFolder((at) => writeConfig({ kind: 'hosts.toml', registry: 'r.lab', output: at('certs.d') }, NOBODY)),
  ],
  ['an install of this user', () => installing('user')],
  ['an install of plain files, a node and a folder of images', () => installing('named')],
  ['an install into a cache that others use', () => installing('shared')],
  ['an uninstall with another install beside it', uninstalling],
];

describe('after a power cut', () => {
  it.each(WRITERS)('nothing is lost of %s', async (_, prepare) => {
    const { folder, write } = await prepare();
    using disk = await recordDisk();
    await write();
    expect(disk.unsafe(folder)).toEqual([]);
  });
});

describe('where folders cannot be synced', () => {
  const faults: readonly FolderFault[] = [
    { at: 'sync', code: 'EINVAL' },
    { at: 'open', code: 'EISDIR' },
  ];

  it.each(WRITERS)('nothing fails for it: %s', async (_, prepare) => {
    for (const fault of faults) {
      const { write } = await prepare();
      using _disk = await recordDisk({ fault });
      const failure: unknown = await write().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeUndefined();
    }
  });

  it.each(WRITERS.filter(([name]) => !name.startsWith('a signature')))(
    'a medium that fails is still told: %s',
    async (_, prepare) => {
      const { write } = await prepare();
      using _disk = await recordDisk({ fault: { at: 'sync', code: 'EIO' } });
      expect(await thrownBy(write())).toMatchObject({ code: expect.stringMatching(/^ERR_DISK_FAILED$/) });
    },
  );
});

function scratch(): (name: string) => string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  mkdirSync(join(folder.path, 'work'));
  return (name) => join(folder.path, 'work', name);
}

function inFolder(write: (at: (name: string) => string) => Promise<unknown>): Writer {
  const at = scratch();
  return { folder: at(''), write: () => write(at) };
}

function building(shaped: Shaped, options: Parameters<typeof writeShape>[2] = {}): Writer {
  return inFolder((at) => writeShape(at(''), shaped, options));
}

/** A bundle that lies in a folder of its own, and is written to or read there. */
async function withBundle(
  shaped: Shaped,
  write: (path: string, at: (name: string) => string) => Promise<unknown>,
): Promise<Writer> {
  const at = scratch();
  const { path } = await writeShape(at(''), shaped);
  return { folder: at(''), write: () => write(path, at) };
}

async function rebuilding(shaped: Shaped): Promise<Writer> {
  return await withBundle(shaped, (_, at) => writeShape(at(''), shaped));
}

async function signing(shaped: Shaped): Promise<Writer> {
  const keys = scratch();
  const { key } = writeKeys(keys(''), testKeys());
  return await withBundle(shaped, (path) => signBundle({ path, key }, NOBODY));
}

async function repairing(shaped: Shaped, options: { readonly isLost?: boolean } = {}): Promise<Writer> {
  const at = scratch();
  const { path } = await writeShape(at(''), shaped);
  if (options.isLost === true) rmSync(join(path, blobPath(LARGE)));
  else await damageBlob(path, LARGE);
  const patch = await buildPatch(path, SHAPE_PLAN, { samples: SHAPE_SAMPLES, folder: scratch()('') });
  return { folder: at(''), write: () => repairBundle({ path, patches: [patch] }, NOBODY) };
}

async function withLab(
  write: (wish: LockWish, at: (name: string) => string) => Promise<unknown>,
): Promise<Writer> {
  const lab = await startLab();
  onTestFinished(() => lab[Symbol.asyncDispose]());
  const specPath = lab.spec('platforms: [linux/amd64]\nimages: [rancher/rancher:v2.9.2]\n');
  return { folder: lab.at(), write: () => write({ specPath }, lab.at) };
}

/** An install, at the targets of this user or at those that are named. */
async function installing(kind: 'user' | 'named' | 'shared'): Promise<Writer> {
  const lab = await installLab();
  const cache = lab.at('home/.cache/rancher-desktop');
  const targets = {
    files: lab.at('files'),
    'k3s-node': lab.at('node'),
    registry: [`embedded:${lab.at('images')}`],
  };
  if (kind === 'shared') {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'k3s-versions.json'), 'of another program');
  }
  return {
    folder: lab.at(''),
    write: () => install({ ...lab.options, targets: kind === 'named' ? targets : undefined }),
  };
}

/** What both installs count on passes into the receipt of the one that stays. */
async function uninstalling(): Promise<Writer> {
  const lab = await installLab();
  const { receipt = '' } = await install(lab.options);
  const { tar } = sampleBundle(LAB.slice(2));
  writeFileSync(lab.at('other.tar'), tar);
  await install({ ...lab.options, path: lab.at('other.tar') });
  return { folder: lab.at(''), write: () => takeBack(receipt, lab.options) };
}
