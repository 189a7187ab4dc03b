import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startJournal } from '../../../src/bundle/write/journal.ts';
import { journalPath, layOutput, partialPath } from '../../../src/bundle/output/layout.ts';
import type { BundlePlan } from '../../../src/bundle/plan/plan.ts';
import { nameOfShape, type Shape } from '../../../src/bundle/shape.ts';
import { signPlan } from '../../../src/bundle/plan/sign-plan.ts';
import { type WriteResult, writeBundle } from '../../../src/bundle/write/write.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import { plannedFile, sampleSource } from '../../support/planned/items.ts';
import { SAMPLES, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { NOBODY } from '../../support/surroundings.ts';

const ALL = [...SAMPLES, plannedFile('large.bin', incompressibleBytes('large', 3_000_000))];
const { plan } = sampleBundle(ALL);
const [old, own] = [testKeys('p256'), testKeys('p256')];
const PLANS: readonly (readonly [string, BundlePlan, BundlePlan])[] = [
  ['signed when the earlier run was not', plan, signPlan(plan, own.privateKey)],
  ['signed by another key', signPlan(plan, old.privateKey), signPlan(plan, own.privateKey)],
  ['signed by the same key, in other words', signPlan(plan, own.privateKey), signPlan(plan, own.privateKey)],
];

async function write(
  wanted: BundlePlan,
  path: string,
  shape: Shape,
  signal?: AbortSignal,
): Promise<WriteResult> {
  return await writeBundle(wanted, sampleSource(ALL), { path, shape, signal });
}

describe.each(['tar', 'zip'] as const)('a build as %s that continues where one stopped', (form) => {
  it.each(PLANS)('is %s, when that was in the middle', async (_, before, after) => {
    using folder = temporaryFolder();
    const path = join(folder.path, `lab.${form}`);
    const stop = new AbortController();
    const source = sampleSource(ALL);
    const stopping = writeBundle(before, source, {
      path,
      shape: { form },
      signal: stop.signal,
      onProgress: ({ fetchedBytes }) => {
        if (fetchedBytes > 1_500_000) stop.abort();
      },
    });
    await expect(stopping).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await write(after, path, { form });
    const { pub } = writeKeys(folder.path, own);
    expect(await verifyBundle({ path, key: pub }, NOBODY)).toMatchObject({ ok: true, signed: true });
  });

  it.each(PLANS)('is %s, when all but the name was done', async (_, before, after) => {
    using folder = temporaryFolder();
    const path = join(folder.path, `lab.${form}`);
    const shape = { form };
    await write(before, path, shape);
    renameSync(path, partialPath(path));
    const bytes = layOutput(plan, path, shape).archive.size;
    const head = { root: plan.root, bytes, shape: nameOfShape(shape), complete: true } as const;
    await using _journal = await startJournal(journalPath(path), head, new Map());
    const result = await write(after, path, shape);
    expect(result.fetchedBytes).toBe(0);
    const { pub } = writeKeys(folder.path, own);
    expect(await verifyBundle({ path, key: pub }, NOBODY)).toMatchObject({ ok: true, signed: true });
    expect(
      readdirSync(folder.path).filter((name) => name.startsWith('lab.') && !name.includes('key')),
    ).toEqual([`lab.${form}`]);
  });

  it('is no longer signed when that is not asked for', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, `lab.${form}`);
    const shape = { form };
    await write(signPlan(plan, old.privateKey), path, shape);
    renameSync(path, partialPath(path));
    const bytes = layOutput(plan, path, shape).archive.size;
    const head = { root: plan.root, bytes, shape: nameOfShape(shape), complete: true } as const;
    await using _journal = await startJournal(journalPath(path), head, new Map());
    await write(plan, path, shape);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true, signature: 'none' });
  });
});
