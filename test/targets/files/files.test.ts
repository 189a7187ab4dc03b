import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { applyPlans } from '../../../src/targets/apply-plans.ts';
import { filesTarget } from '../../../src/targets/files/files.ts';
import type { Target } from '../../../src/targets/target.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import { artifactSample, bundleOf, fileSample } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder } from '../../support/tree.ts';

describe('the files target', () => {
  it('puts every file into the folder, executable where it is to be', async () => {
    const { folder, target } = await setUp([
      fileSample('tool', { executable: true }),
      fileSample('notes.txt'),
      fileSample('empty', { text: '' }),
    ]);
    expect((await installTarget(target)).map(({ name, outcome }) => [name, outcome])).toEqual([
      ['empty', 'placed'],
      ['notes.txt', 'placed'],
      ['tool', 'placed'],
    ]);
    expect(filesUnder(folder)).toEqual({
      empty: '',
      'notes.txt': 'content of notes.txt\n',
      tool: 'content of tool\n',
    });
    expect([modeOf(join(folder, 'tool')), modeOf(join(folder, 'notes.txt'))]).toEqual(['755', '644']);
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
  });

  it.each([
    { shape: 'tar', most: 1 },
    { shape: 'registry', most: 4 },
  ] as const)('places $most at once out of a bundle of the shape "$shape"', async ({ shape, most }) => {
    const samples = Array.from({ length: 9 }, (_, at) => fileSample(`file-${at}`));
    const { bundle, folder } = await setUp(samples);
    const { promise: allAreUnderWay, resolve } = Promise.withResolvers<void>();
    let [underWay, highest] = [0, 0];
    async function* fetch(...asked: Parameters<OpenBundle['fetch']>): ByteStream {
      underWay += 1;
      highest = Math.max(highest, underWay);
      if (underWay === most) resolve();
      await allAreUnderWay;
      yield* bundle.fetch(...asked);
      underWay -= 1;
    }
    const target = filesTarget({ ...bundle, shape, fetch }, { folder });
    const { failures } = await applyPlans([{ target, actions: await target.plan() }]);
    expect({ failures, highest }).toEqual({ failures: [], highest: most });
    expect(namesUnder(folder)).toHaveLength(9);
  });

  it('says the second time that all is there', async () => {
    const { target } = await setUp([fileSample('tool')]);
    await installTarget(target);
    expect((await target.plan()).map(({ state, bytes }) => [state, bytes])).toEqual([['present', 0]]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['present']);
  });

  it('replaces what differs, and leaves alone what is not its own', async () => {
    const { folder, target } = await setUp([
      fileSample('tool', { executable: true }),
      fileSample('notes.txt'),
    ]);
    await installTarget(target);
    writeFileSync(join(folder, 'mine'), 'mine');
    writeFileSync(join(folder, 'notes.txt'), 'changed');
    chmodSync(join(folder, 'tool'), 0o600);
    expect((await target.prove()).map(({ message }) => message)).toEqual([
      `${join(folder, 'notes.txt')} is damaged`,
      `${join(folder, 'tool')} is damaged`,
    ]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['replaced', 'replaced']);
    expect(filesUnder(folder)).toEqual({
      mine: 'mine',
      'notes.txt': 'content of notes.txt\n',
      tool: 'content of tool\n',
    });
  });

  it('does not write through a link that someone laid', async () => {
    const { folder, target } = await setUp([fileSample('tool')]);
    await installTarget(target);
    const { folder: elsewhere } = await setUp([]);
    symlinkSync(join(elsewhere, 'victim'), join(folder, 'other'));
    const linked = await setUp([fileSample('other')]);
    await installTarget(filesTarget(linked.bundle, { folder }));
    expect(namesUnder(elsewhere)).toEqual([]);
    expect(filesUnder(folder)['other']).toBe('content of other\n');
  });

  it.each(['../escape', '/etc/cron.d/x', 'a/../../b', 'a//b', 'NUL', 'x\u0000y', '.'])(
    'refuses the name %o before any change',
    async (name) => {
      const item = { kind: 'file', name: 'tool', audience: ['files'] } as const;
      const sample = artifactSample(item, [{ name: 'good', bytes: Buffer.from('x') }]);
      const { bundle, folder } = await setUp([sample]);
      // A bundle that does not look at its names itself.
      const careless: OpenBundle = {
        ...bundle,
        tree: async (...args) => {
          const { files, ...rest } = await bundle.tree(...args);
          return { ...rest, files: files.map((file) => ({ ...file, name })) };
        },
      };
      const target = filesTarget(careless, { folder });
      expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
      expect(namesUnder(join(folder, '..'))).toEqual([]);
    },
  );

  it('refuses two files of one name, in whatever case', async () => {
    const bytes = (text: string) => [{ name: text, bytes: Buffer.from(text) }];
    const { target } = await setUp([
      artifactSample({ kind: 'file', name: 'one', audience: ['files'] }, bytes('Tool')),
      artifactSample({ kind: 'file', name: 'two', audience: ['files'] }, bytes('tool')),
    ]);
    expect(await problemsOf(target.plan())).toEqual([
      'ERR_TARGET_REFUSED Cannot place file "two": "one" has the name "tool" as well',
    ]);
  });
});

async function setUp(
  samples: readonly PlannedSample[],
): Promise<{ readonly bundle: OpenBundle; readonly folder: string; readonly target: Target }> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const folder = join(scratch.path, 'files');
  const bundle = await bundleOf(samples);
  return { bundle, folder, target: filesTarget(bundle, { folder }) };
}
