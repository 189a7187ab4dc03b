import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SaddlebagError } from '../../../src/internal/error.ts';
import { hexOf } from '../../../src/oci/digest.ts';
import type { Surroundings } from '../../../src/steps/surroundings.ts';
import { pushBundle } from '../../../src/verbs/carrier/push.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import {
  type CarrierLab,
  LAB,
  largestOf,
  NEXT,
  startCarrierLab,
} from '../../support/registry/carrier-lab.ts';
import type { Exchange } from '../../support/registry/exchange.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder } from '../../support/tree.ts';

const largest = largestOf(LAB);
const size = LAB.plan.blobs.find(({ descriptor }) => descriptor.digest === largest)?.descriptor.size;
const onLargest = new RegExp(hexOf(largest));

function userOf(lab: CarrierLab): Surroundings {
  mkdirSync(lab.at('home'), { recursive: true });
  return { ...NOBODY, home: lab.at('home') };
}

/** How a registry may have a blob that it says it has. */
const STATES: readonly [what: string, action: FaultAction][] = [
  ['damaged', { type: 'corrupt', atByte: 7 }],
  ['cut short', { type: 'status', status: 200, body: 'short' }],
  ['gone', { type: 'status', status: 404 }],
];

describe('a registry that says it has a blob which is not as it should be', () => {
  it.each(STATES)('because it is %s gets it again with --verify, where it takes it', async (_, action) => {
    await using lab = await startCarrierLab();
    await lab.push();
    lab.registry.inject({ on: 'GET blob', path: onLargest, action });
    lab.registry.log.clear();
    const again = await lab.push({ verify: true });
    expect(again).toMatchObject({ pushedBytes: 0, presentBytes: again.bytes, repairedBytes: size });
    expect(lab.received()).toBe(size);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true });
  });

  it.each(STATES)(
    'because it is %s, and keeps it so, gets no tag, and the user what to do',
    async (_, action) => {
      await using lab = await startCarrierLab({
        faults: [{ on: 'GET blob', path: onLargest, times: 99, action }],
      });
      const wish = { path: lab.at('lab.tar'), reference: lab.reference(), verify: true };
      const error: SaddlebagError = await thrownBy(pushBundle(wish, NOBODY));
      expect(error).toMatchObject({
        code: 'ERR_TARGET_REFUSED',
        hint: expect.stringContaining('push again'),
      });
      expect(await problemsOf(pushBundle(wish, NOBODY))).toEqual([expect.stringContaining(largest)]);
      expect(lab.tags()).toEqual([]);
    },
  );

  it('reads all of it with --verify, and tells how far it has come', async () => {
    await using lab = await startCarrierLab();
    const seen: number[] = [];
    const wish = { path: lab.at('lab.tar'), reference: lab.reference(), verify: true, layers: 12 };
    const { bytes, repairedBytes } = await pushBundle(wish, NOBODY, {
      onProgress: ({ bytesDone, bytesTotal }) => seen.push(bytesDone / bytesTotal),
    });
    expect(repairedBytes).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((left, right) => left - right));
    const read = lab.registry.log.entries.filter(({ method, topic }) => method === 'GET' && topic === 'blob');
    expect(read.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(bytes);
    expect(lab.registry.log.count('GET manifest')).toBe(lab.tags().length);
  });

  it('is told apart from one in trouble', async () => {
    await using lab = await startCarrierLab({
      faults: [{ on: 'GET blob', path: onLargest, times: 99, action: { type: 'status', status: 403 } }],
    });
    expect((await thrownBy(lab.push({ verify: true }))).code).toBe('ERR_REGISTRY_DENIED');
    expect(lab.tags()).toEqual([]);
  });
});

describe('a registry that changes while it is read', () => {
  it('loses a blob between the check of an install and its use: it is named, and a push brings it back', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const taken = LAB.plan.blobs.find(({ descriptor }) => descriptor.size === 5001)?.descriptor.digest;
    const path = new RegExp(String(taken).slice(7));
    lab.registry.inject({ on: 'GET blob', path, skip: 1, times: 9, action: { type: 'status', status: 404 } });
    // With the whole bundle verified first, files are read a second time.
    const wish = { path: lab.oci(), targets: { files: lab.at('out') }, whole: true };
    const error = await thrownBy(installBundle(wish, userOf(lab)));
    expect(lab.registry.log.count('GET blob', path)).toBeGreaterThan(1);
    expect(`${error.message} ${error.hint ?? ''}`).toContain(String(taken));
    await installBundle({ ...wish, bases: [lab.at('lab.tar')] }, userOf(lab));
    expect(Object.keys(filesUnder(lab.at('out')))).not.toEqual([]);
  });

  it('loses a blob behind an install that has read it: that does no harm', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    const taken = LAB.plan.blobs.find(({ descriptor }) => descriptor.size === 5001)?.descriptor.digest;
    const path = new RegExp(String(taken).slice(7));
    lab.registry.inject({ on: 'GET blob', path, skip: 1, times: 9, action: { type: 'status', status: 404 } });
    await installBundle({ path: lab.oci(), targets: { files: lab.at('out') } }, userOf(lab));
    expect(lab.registry.log.count('GET blob', path)).toBe(1);
    expect(readFileSync(lab.at('out/tool.bin'))).toHaveLength(5001);
  });

  it('moves the tag while it is installed from: all of it is the bundle that was opened', async () => {
    let isMoved = false;
    const move = async (exchange: Exchange): Promise<boolean> => {
      const isRead = exchange.request.method === 'GET' && exchange.entry.topic === 'blob';
      if (!isRead || isMoved) return false;
      isMoved = true;
      await lab.push({ path: lab.at('next.tar'), replace: true });
      return false;
    };
    await using lab = await startCarrierLab({ intercept: async (exchange) => await move(exchange) });
    isMoved = true;
    await lab.push();
    isMoved = false;
    lab.registry.log.clear();
    const { root } = await installBundle(
      { path: lab.oci(), targets: { files: lab.at('out') }, whole: true },
      userOf(lab),
    );
    expect(isMoved).toBe(true);
    expect(root).toBe(LAB.plan.root);
    expect(Object.keys(filesUnder(lab.at('out')))).not.toContain('new.bin');
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true, root: NEXT.plan.root });
  });
});

describe('two pushes at once', () => {
  it('of one bundle leave it whole, whoever is first', async () => {
    await using lab = await startCarrierLab();
    const [one, other] = await Promise.all([lab.push({ layers: 12 }), lab.push({ layers: 12 })]);
    expect(one.digest).toBe(other.digest);
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true, root: LAB.plan.root });
  });

  it('of two bundles to one tag: the second to finish is refused, and the first stays', async () => {
    const arrived = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    let isHeld = false;
    await using lab = await startCarrierLab({
      intercept: async ({ request, entry }) => {
        if (request.method !== 'PUT' || entry.topic !== 'manifest' || isHeld) return false;
        isHeld = true;
        arrived.resolve();
        await finished.promise;
        return false;
      },
    });
    const slow = thrownBy(lab.push());
    await arrived.promise;
    await lab.push({ path: lab.at('next.tar') });
    finished.resolve();
    expect(await slow).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      hint: expect.stringContaining('--replace'),
    });
    expect(await verifyBundle({ path: lab.oci() }, NOBODY)).toMatchObject({ ok: true, root: NEXT.plan.root });
  });

  it('of two bundles to one tag with --replace leave one of them, whole', async () => {
    await using lab = await startCarrierLab();
    await Promise.all([
      lab.push({ replace: true, layers: 12 }),
      lab.push({ path: lab.at('next.tar'), replace: true, layers: 12 }),
    ]);
    const { ok, root } = await verifyBundle({ path: lab.oci() }, NOBODY);
    expect(ok).toBe(true);
    expect([LAB.plan.root, NEXT.plan.root]).toContain(root);
  });
});
