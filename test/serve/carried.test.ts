import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobPath } from '../../src/bundle/format/layout.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { bundleOpener } from '../../src/steps/carrier.ts';
import { type CarrierLab, LAB, largestOf, startCarrierLab } from '../support/registry/carrier-lab.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { NOBODY } from '../support/surroundings.ts';
import { waitUntil } from '../support/wait-until.ts';

const largest = largestOf(LAB);
const onLargest = new RegExp(hexOf(largest));
const content = LAB.files.get(blobPath(largest)) ?? Buffer.alloc(0);
const PATH = `/v2/rancher/rancher/blobs/${largest}`;

async function serve(lab: CarrierLab, paths: readonly string[] = [lab.oci()]): Promise<Serving> {
  return await startServing({ paths, open: bundleOpener({}, NOBODY) });
}

/** Returns the bytes of an answer, or `undefined` when the connection was cut. */
async function bytesOf(serving: Serving, range?: string): Promise<Buffer | undefined> {
  try {
    const headers = range === undefined ? undefined : { range };
    const response = await serving.get(PATH, headers === undefined ? {} : { headers });
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

describe('a bundle that is served out of a registry', () => {
  let lab: CarrierLab;
  beforeAll(async () => {
    lab = await startCarrierLab();
    await lab.push();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('is read once for a pull, and in order', async () => {
    await using serving = await serve(lab);
    lab.registry.log.clear();
    expect((await bytesOf(serving))?.equals(content)).toBe(true);
    expect(lab.registry.log.count('GET blob', onLargest)).toBe(1);
    expect((await bytesOf(serving, 'bytes=100-'))?.equals(content.subarray(100))).toBe(true);
    const page = await (await serving.get('/')).text();
    expect(page).toContain(LAB.plan.root);
    expect((await serving.get(PATH, { method: 'HEAD' })).headers.get('content-length')).toBe(
      String(content.length),
    );
  });

  it.each<readonly [string, string | undefined]>([
    ['whole', undefined],
    ['in parts', 'bytes=0-9'],
  ])('is not sent %s where the registry has it damaged', async (_, range) => {
    await using serving = await serve(lab);
    lab.registry.inject({ on: 'GET blob', path: onLargest, action: { type: 'corrupt', atByte: 20 } });
    expect(await bytesOf(serving, range)).toBeUndefined();
    await waitUntil(() => serving.events.length > 0);
    expect(serving.events[0]?.message).toContain(largest);
    // It is not asked for again at once.
    expect((await serving.get(PATH)).status).toBe(500);
  });

  it('comes from a file beside it that has what the registry has damaged', async () => {
    await using serving = await serve(lab, [lab.oci(), lab.at('lab.tar')]);
    lab.registry.inject({ on: 'GET blob', path: onLargest, action: { type: 'corrupt', atByte: 20 } });
    expect((await bytesOf(serving, 'bytes=0-9'))?.equals(content.subarray(0, 10))).toBe(true);
    expect((await bytesOf(serving))?.equals(content)).toBe(true);
  });

  it('is cut where the registry has lost a blob, and answers for the others', async () => {
    await using serving = await serve(lab);
    const action = { type: 'status', status: 404 } as const;
    lab.registry.inject({ on: 'GET blob', path: onLargest, action });
    expect(await bytesOf(serving)).toBeUndefined();
    await waitUntil(() => serving.events.length > 0);
    expect(serving.events[0]?.message).toContain('the registry answered 404');
    expect((await bytesOf(serving))?.equals(content)).toBe(true);
  });
});
