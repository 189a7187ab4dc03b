import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/bundle/shape.ts';
import { signPlan } from '../../../src/bundle/plan/sign-plan.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { signBundle } from '../../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import { plannedFile, sampleSource } from '../../support/planned/items.ts';
import { KILLED_WHILE_SIGNING } from '../../support/process/killed-while-signing.ts';
import { SAMPLES, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { NOBODY } from '../../support/surroundings.ts';

const ALL = [...SAMPLES, plannedFile('large.bin', incompressibleBytes('large', 200_000))];
const [first, second, third] = [testKeys('p256'), testKeys('ed25519'), testKeys('p256')];
const plan = signPlan(sampleBundle(ALL).plan, first.privateKey);

const SHAPES: readonly (readonly [string, string, Shape])[] = [
  ['a tar', 'lab.tar', { form: 'tar' }],
  ['a zip', 'lab.zip', { form: 'zip' }],
  ['a tar in volumes', 'lab.tar', { form: 'tar', volumeSize: 65_536 }],
  ['a zip in volumes', 'lab.zip', { form: 'zip', volumeSize: 65_536 }],
];

/** Returns the volumes that are not what their list of sums says. */
function wrongVolumes(folder: string, name: string): readonly string[] {
  const list = join(folder, `${name}.sha256`);
  if (!existsSync(list)) return [];
  return readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('  '))
    .filter(([hex, file = '']) => digestOf(readFileSync(join(folder, file))) !== `sha256:${hex}`)
    .map(([, file = '']) => file);
}

describe.each(SHAPES)('signing %s, killed at any of its writes', (_, name, shape) => {
  it('is right again once it is signed, and so are the sums of its volumes', async () => {
    using folder = temporaryFolder();
    const [whole, keys] = [join(folder.path, 'whole'), join(folder.path, 'keys')];
    for (const path of [whole, keys]) mkdirSync(path);
    const { path } = await writeBundle(plan, sampleSource(ALL), { path: join(whole, name), shape });
    const [killed, again] = [writeKeys(keys, second, 'killed'), writeKeys(keys, third, 'again')];
    const before = readdirSync(whole).sort();
    let kills = 0;
    let words = '';
    for (; ; kills += 1) {
      const copy = join(folder.path, `copy-${kills}`);
      cpSync(whole, copy, { recursive: true });
      const target = path.replace(whole, copy);
      const { signal, stderr } = spawnSync(
        process.execPath,
        [KILLED_WHILE_SIGNING, target, killed.key, String(kills)],
        {
          encoding: 'utf8',
        },
      );
      if (signal === null) {
        words = stderr;
        break;
      }
      await signBundle({ path: target, key: again.key }, NOBODY);
      expect(await verifyBundle({ path: target, key: again.pub }, NOBODY)).toMatchObject({
        ok: true,
        problems: [],
      });
      expect(wrongVolumes(copy, name)).toEqual([]);
      expect(
        readdirSync(copy)
          .filter((file) => !/\.\d+\.tmp|partial/.test(file))
          .sort(),
      ).toEqual(before);
    }
    expect(words).toBe('');
    expect(kills).toBeGreaterThan(1);
  }, 300_000);
});
