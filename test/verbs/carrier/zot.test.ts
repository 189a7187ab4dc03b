import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { pushBundle, type PushResult, type PushWish } from '../../../src/verbs/carrier/push.ts';
import { pullBundle } from '../../../src/verbs/carrier/pull.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { LAB, NEXT } from '../../support/registry/carrier-lab.ts';
import { type FakeZot, startZot } from '../../support/registry/zot.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';

interface ZotLab extends AsyncDisposable {
  readonly zot: FakeZot;
  readonly findings: readonly Finding[];
  at(name: string): string;
  push(to: string, wish?: Partial<PushWish>): Promise<PushResult>;
  /** Verifies what is there. */
  verify(from: string): ReturnType<typeof verifyBundle>;
}

async function startLab(
  onManifest: (zot: FakeZot) => Promise<void> = async () => undefined,
): Promise<ZotLab> {
  const folder = temporaryFolder();
  const zot: FakeZot = await startZot({
    intercept: async ({ request, entry }) => {
      if (request.method === 'PUT' && entry.topic === 'manifest') await onManifest(zot);
      return false;
    },
  });
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at('lab.tar'), LAB.tar);
  writeFileSync(at('next.tar'), NEXT.tar);
  const findings: Finding[] = [];
  return {
    zot,
    findings,
    at,
    push: async (to, wish = {}) => {
      const { path = at('lab.tar') } = wish;
      const ears = { onFinding: (finding: Finding): void => void findings.push(finding) };
      return await pushBundle({ ...wish, path, reference: `${zot.host}/${to}` }, NOBODY, ears);
    },
    verify: async (from) => await verifyBundle({ path: `oci://${zot.host}/${from}` }, NOBODY),
    [Symbol.asyncDispose]: async () => {
      await zot[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const FORMS: readonly [what: string, layers: number | undefined][] = [
  ['one manifest', undefined],
  ['several', 12],
];
const WHOLE = { ok: true, root: LAB.plan.root, problems: [] };

describe('zot', () => {
  it.each(FORMS)('carries a bundle in %s, which its garbage collection leaves whole', async (_, layers) => {
    await using lab = await startLab();
    await lab.push('bundles/lab:1', { layers });
    for (const hours of [2, 30, 1000]) {
      await lab.zot.pass(hours);
      expect(await lab.verify('bundles/lab:1')).toMatchObject(WHOLE);
    }
  });

  it.each(FORMS)(
    'keeps it in %s where its retention keeps the tag of the bundle alone',
    async (_, layers) => {
      await using lab = await startLab();
      await lab.push('bundles/lab:1', { layers });
      await lab.push('bundles/lab:2', { path: lab.at('next.tar'), layers });
      lab.zot.retain(/^1$/);
      await lab.zot.pass(48);
      await lab.zot.pass(48);
      expect(await lab.verify('bundles/lab:1')).toMatchObject(WHOLE);
      expect([...(lab.zot.content.find('bundles/lab')?.tags.keys() ?? [])]).toEqual(['1']);
      // What only the other bundle had is gone.
      const { digest } = NEXT.plan.blobs.find(({ descriptor }) => descriptor.size === 9000)?.descriptor ?? {};
      expect(lab.zot.content.find('bundles/lab')?.blobs.has(digest ?? '')).toBe(false);
    },
  );

  it('gets again what it collected before the manifest came', async () => {
    let isSlow = true;
    await using lab = await startLab(async (zot) => {
      if (!isSlow) return;
      isSlow = false;
      await zot.pass(2);
    });
    const pushed = await lab.push('bundles/lab:1');
    expect(pushed.form).toBe('artifact');
    expect(lab.findings).toEqual([]);
    expect(await lab.verify('bundles/lab:1')).toMatchObject(WHOLE);
  });

  it('has a bundle in a second repository without a byte of it sent', async () => {
    await using lab = await startLab();
    const { bytes } = await lab.push('bundles/lab:1');
    expect(await lab.push('other/lab:1')).toMatchObject({ pushedBytes: 0, presentBytes: bytes });
    expect(await lab.verify('other/lab:1')).toMatchObject(WHOLE);
  });

  it('gives a bundle back to the byte, and moves a tag to the next', async () => {
    await using lab = await startLab();
    await lab.push('bundles/lab:1', { layers: 12 });
    await lab.push('bundles/lab:1', { path: lab.at('next.tar'), layers: 12, replace: true });
    await lab.zot.pass(48);
    const { root } = await pullBundle(
      { reference: `${lab.zot.host}/bundles/lab:1`, out: lab.at('x.tar') },
      NOBODY,
    );
    expect(root).toBe(NEXT.plan.root);
    expect(await verifyBundle({ path: lab.at('x.tar') }, NOBODY)).toMatchObject({ ok: true });
  });
});
