import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import type { Surroundings } from '../../../src/steps/surroundings.ts';
import { pullBundle, type PullWish } from '../../../src/verbs/carrier/pull.ts';
import { convertBundle, type ConvertProgress } from '../../../src/verbs/convert.ts';
import { diffBundles } from '../../../src/verbs/diff.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { makeParityFile } from '../../../src/verbs/parity.ts';
import { repairBundle } from '../../../src/verbs/repair.ts';
import { signBundle } from '../../../src/verbs/signing/sign.ts';
import { uninstall } from '../../../src/verbs/uninstall.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import {
  type CarrierLab,
  LAB,
  largestOf,
  NEXT,
  startCarrierLab,
} from '../../support/registry/carrier-lab.ts';
import type { Exchange } from '../../support/registry/exchange.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder } from '../../support/tree.ts';

function userOf(lab: CarrierLab): Surroundings {
  mkdirSync(lab.at('home'), { recursive: true });
  return { ...NOBODY, home: lab.at('home') };
}

const SHAPES: readonly (readonly [string, Omit<PullWish, 'reference'>])[] = [
  ['a tar', { out: 'x.tar' }],
  ['a zip', { out: 'x.zip' }],
  ['a folder', { out: 'x' }],
  ['volumes', { out: 'x.tar', volumeSize: 20_000 }],
];

describe('a bundle in a registry, pulled', () => {
  it.each(SHAPES)('is %s as if it had never been there', async (_, wish) => {
    await using lab = await startCarrierLab();
    await lab.push();
    const [pulled, converted] = [lab.at('pulled'), lab.at('converted')];
    for (const folder of [pulled, converted]) mkdirSync(folder);
    const result = await pullBundle({ ...wish, reference: lab.oci(), out: `${pulled}/${wish.out}` }, NOBODY);
    expect(result).toMatchObject({ root: LAB.plan.root, reusedBytes: 0 });
    await convertBundle({ ...wish, path: lab.at('lab.tar'), out: `${converted}/${wish.out}` }, NOBODY);
    expect(filesUnder(pulled)).toEqual(filesUnder(converted));
  });

  it('is the signed one, and takes what bundles of before have', async () => {
    await using lab = await startCarrierLab();
    const { key, pub } = writeKeys(lab.at(''), testKeys());
    await signBundle({ path: lab.at('next.tar'), key }, NOBODY);
    await lab.push({ path: lab.at('next.tar') });
    lab.registry.log.clear();
    const wish = { reference: lab.reference(), out: lab.at('x.tar'), reuse: [lab.at('lab.tar')], key: pub };
    const { fetchedBytes, reusedBytes } = await pullBundle(wish, NOBODY);
    expect(reusedBytes).toBeGreaterThan(35_000);
    expect(fetchedBytes).toBeLessThan(12_000);
    expect(readFileSync(lab.at('x.tar')).equals(readFileSync(lab.at('next.tar')))).toBe(true);
    const strange = writeKeys(lab.at(''), testKeys(), 'strange.key');
    const refused = await thrownBy(pullBundle({ ...wish, out: lab.at('y.tar'), key: strange.pub }, NOBODY));
    expect(refused.code).toBe('ERR_SIGNATURE_INVALID');
  });

  it('goes on where it was stopped, and takes the bundle that it replaces', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const wish = { reference: lab.oci(), out: lab.at('x.tar') };
    const stop = new AbortController();
    const onProgress = (progress: ConvertProgress): void => {
      if (progress.phase === 'convert' && progress.fetchedBytes > 15_000) stop.abort();
    };
    const error = await thrownBy(pullBundle(wish, NOBODY, { signal: stop.signal, onProgress }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    lab.registry.log.clear();
    const again = await pullBundle(wish, NOBODY);
    expect(again.reusedBytes).toBeGreaterThan(0);
    expect(readFileSync(wish.out).equals(LAB.tar)).toBe(true);
    await lab.push({ path: lab.at('next.tar'), replace: true });
    const next = await pullBundle(wish, NOBODY);
    expect(next.fetchedBytes).toBeLessThan(12_000);
    expect(readFileSync(wish.out).equals(NEXT.tar)).toBe(true);
  });
});

describe('a bundle in a registry, installed', () => {
  it('gives what its file gives, and is taken back', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const wish = { targets: { files: lab.at('out') } };
    const result = await installBundle({ ...wish, path: lab.oci() }, userOf(lab));
    expect(result.root).toBe(LAB.plan.root);
    const file = { targets: { files: lab.at('other') } };
    await installBundle({ ...file, path: lab.at('lab.tar') }, { ...NOBODY, home: lab.at('elsewhere') });
    expect(filesUnder(lab.at('out'))).toEqual(filesUnder(lab.at('other')));
    await uninstall({ receipt: lab.oci() }, userOf(lab));
    expect(filesUnder(lab.at('out'))).toEqual({});
  });

  it('reads what it takes and no more, and all of it with whole', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const wish = { path: lab.oci(), targets: { files: lab.at('out') } };
    lab.registry.log.clear();
    await installBundle(wish, userOf(lab));
    const read = lab.registry.log.entries.map(({ path }) => path).join('\n');
    const left = LAB.plan.blobs
      .map(({ descriptor }) => descriptor)
      .filter(({ digest, size }) => size > 1000 && !read.includes(digest));
    expect(left.length).toBeGreaterThan(2);
    const damaged = left[0]?.digest ?? '';
    lab.registry.inject({
      on: 'GET blob',
      path: new RegExp(damaged.slice(7)),
      times: 99,
      action: { type: 'corrupt', atByte: 9 },
    });
    const whole = await problemsOf(installBundle({ ...wish, whole: true }, userOf(lab)));
    expect(whole.join()).toContain(`Cannot verify blob "${damaged}"`);
    expect((await installBundle(wish, userOf(lab))).root).toBe(LAB.plan.root);
  });

  it('asks for every blob once, and for manifests of several items at a time', async () => {
    const roots = new Set(LAB.plan.document.items.map(({ descriptor }) => descriptor.digest.slice(7)));
    const { promise: isMet, resolve: meet } = Promise.withResolvers<void>();
    let waiting = 0;
    const intercept = async ({ entry, request }: Exchange): Promise<boolean> => {
      const isRoot = request.method === 'GET' && roots.has(entry.path.split('sha256:')[1] ?? '');
      if (!isRoot || !isInstalling) return false;
      waiting += 1;
      if (waiting === 2) meet();
      // It would wait for ever for a second one that comes when this one is answered.
      await isMet;
      return false;
    };
    let isInstalling = false;
    await using lab = await startCarrierLab({ intercept });
    await lab.push();
    isInstalling = true;
    lab.registry.log.clear();
    await installBundle({ path: lab.oci(), targets: { files: lab.at('out') } }, userOf(lab));
    const asked = lab.registry.log.entries.filter(({ topic }) => topic === 'blob').map(({ path }) => path);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  it('changes nothing when something that it takes is damaged', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const tool = LAB.plan.blobs.find(({ descriptor }) => descriptor.size === 5001)?.descriptor.digest;
    lab.registry.inject({
      on: 'GET blob',
      path: new RegExp(String(tool).slice(7)),
      times: 99,
      action: { type: 'corrupt', atByte: 9 },
    });
    const wish = { path: lab.oci(), targets: { files: lab.at('out') } };
    const error = await thrownBy(installBundle(wish, userOf(lab)));
    expect(error).toMatchObject({ code: 'ERR_BUNDLE_DAMAGED' });
    expect(error.hint).toContain('Push the bundle again');
    expect(filesUnder(lab.at('home'))).toEqual({});
    // A base that has it makes it good.
    await installBundle({ ...wish, bases: [lab.at('lab.tar')] }, userOf(lab));
    expect(Object.keys(filesUnder(lab.at('out')))).not.toEqual([]);
  });

  it('is mounted, not sent, into the registry that carries it', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    lab.registry.log.clear();
    const wish = { path: lab.oci(), targets: { registry: [lab.registry.host] } };
    const { actions } = await installBundle(wish, userOf(lab));
    expect(actions.map(({ outcome }) => outcome)).toContain('pushed');
    expect(lab.received()).toBe(0);
    expect(lab.registry.content.find('rancher/rancher')?.tags.has('v2.9.2')).toBe(true);
  });
});

describe('a bundle in a registry, where commands take bundles', () => {
  it('is compared, and is a base', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const diff = await diffBundles({ old: lab.oci(), new: lab.at('next.tar') }, NOBODY);
    expect(diff.items).toMatchObject([{ change: 'added', name: 'new.bin' }]);
    const damaged = Buffer.from(LAB.tar);
    const at = damaged.indexOf(LAB.files.get(blobPath(largestOf(LAB))) ?? '');
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(lab.at('damaged.tar'), damaged);
    const wish = { path: lab.at('damaged.tar'), bases: [lab.oci()] };
    expect(await verifyBundle(wish, NOBODY)).toMatchObject({ ok: true, madeGood: 1 });
  });

  it.each<readonly [string, (path: string) => Promise<unknown>]>([
    ['signed', (path) => signBundle({ path, remove: true }, NOBODY)],
    ['repaired', (path) => repairBundle({ path, patches: [] }, NOBODY)],
    ['given parity', (path) => makeParityFile({ path, percent: 10 }, NOBODY)],
  ])('cannot be %s in place, and it is said how it can', async (_, run) => {
    await using lab = await startCarrierLab();
    await lab.push();
    const error = await thrownBy(run(lab.oci()));
    expect(error.code).toBe('ERR_USAGE_INVALID');
    expect(error.hint).toBe(`Make it a file first: bundle pull ${lab.oci()} -o OUT`);
  });
});
