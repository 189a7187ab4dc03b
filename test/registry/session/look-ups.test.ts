import { describe, expect, it, onTestFinished } from 'vitest';
import { copyGraph } from '../../../src/oci/copy.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import type { Doubt, Registry } from '../../../src/oci/roles.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { Fault, FaultAction } from '../../support/registry/fault.ts';
import {
  type InProcessRegistry,
  type InProcessRegistryOptions,
  startRegistry,
} from '../../support/registry/registry.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { cosignTag, seedSigned } from '../../support/samples/signed-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const status = (code: number, body: unknown = { errors: [] }): FaultAction => ({
  type: 'status',
  status: code,
  body,
});

/** All that is no clear answer to a question. */
const ANSWERS: readonly [string, FaultAction][] = [
  ['400', status(400)],
  ['401', status(401)],
  ['403', status(403)],
  ['405', status(405)],
  ['429 without a time', status(429)],
  ['500', status(500)],
  ['501', status(501)],
  ['503', status(503)],
  ['a broken connection', { type: 'drop-answer' }],
  ['silence', { type: 'silence' }],
];

const OTHER = digestOf('something else');
const image = sampleImage({ name: 'asked for', layers: 2 });
const [layer] = image.blobs;

describe('whether something is there already', () => {
  it.each(ANSWERS)('decides nothing when the answer is %s', async (_name, action) => {
    const { registry, at } = await setUp({}, ['HEAD blob', 'HEAD manifest'], action);
    const to = at.repository('team/app');
    await copyGraph(image.root, { from: sampleFetcher(image), to });
    await to.tag(image.root, sampleFetcher(image), 'v1');
    expect(registry.content.manifest('team/app', 'v1')?.digest).toBe(image.root.digest);
    expect(await to.resolve('v1', { doubtIsNo: true })).toBeOneOf([
      undefined,
      expect.objectContaining({ digest: image.root.digest }),
    ]);
  });

  it.each([400, 405, 501])('is asked by GET of a manifest where HEAD is answered %i', async (code) => {
    const { registry, at } = await setUp({}, ['HEAD manifest'], status(code));
    await registry.seed('team/app', image, 'v1');
    expect(await at.repository('team/app').has(image.root)).toBe(true);
    expect(await at.repository('team/app').has({ ...image.root, digest: OTHER })).toBe(false);
  });

  it.each<[string, FaultAction]>([
    ['another digest', { type: 'digest', digest: OTHER }],
    ['another length', { type: 'status', status: 200, headers: { 'content-length': '7' }, body: '1234567' }],
  ])('is a no when the answer is about %s', async (_name, action) => {
    const { registry, at } = await setUp({}, ['HEAD blob', 'HEAD manifest'], action);
    await registry.seed('team/app', image, 'v1');
    const repository = at.repository('team/app');
    if (layer === undefined) throw new Error('expected a blob');
    expect(await repository.has(layer.descriptor)).toBe(false);
    expect(await repository.has(image.root)).toBe(false);
  });
});

describe('a mount', () => {
  it.each(ANSWERS)('decides nothing when the answer is %s', async (_name, action) => {
    const { registry, at } = await setUp({}, [], action);
    await registry.seed('team/base', image);
    registry.inject({ on: 'POST upload', path: /mount=/, times: 99, action });
    if (layer === undefined) throw new Error('expected a blob');
    expect(await at.repository('team/app').mount(layer.descriptor, 'team/base')).toBe(false);
    // Nothing is waited for that can be sent instead.
    expect(registry.log.count('POST upload')).toBe(1);
  });

  it('is a no when it is another blob that was mounted', async () => {
    const { registry, at } = await setUp({}, ['POST upload'], { type: 'digest', digest: OTHER });
    await registry.seed('team/base', image);
    if (layer === undefined) throw new Error('expected a blob');
    expect(await at.repository('team/app').mount(layer.descriptor, 'team/base')).toBe(false);
  });

  it.each(ANSWERS)('cannot be cancelled when the answer is %s', async (_name, action) => {
    const { registry, at } = await setUp({ mounts: false }, ['DELETE upload'], action);
    await registry.seed('team/base', image);
    if (layer === undefined) throw new Error('expected a blob');
    expect(await at.repository('team/app').mount(layer.descriptor, 'team/base')).toBe(false);
    await expect(at.repository('team/app').probe?.()).resolves.toBeUndefined();
  });
});

describe('where an upload stands', () => {
  const few = ANSWERS.filter(([name]) => ['403', '500', 'silence'].includes(name));
  it.each(few)('decides nothing when the answer is %s', async (_name, action) => {
    const { registry, at } = await setUp({}, ['GET upload', 'HEAD blob'], action);
    const big = sampleImage({ name: 'big', layers: 1, layerBytes: 33 * 1024 * 1024 });
    registry.inject({ on: 'PATCH upload', action: { type: 'drop-upload', afterBytes: 1_000_000 } });
    await copyGraph(big.root, { from: sampleFetcher(big), to: at.repository('team/app') });
    expect(await at.repository('team/app').resolve(big.root.digest)).toMatchObject(big.root);
  });
});

describe('what belongs to an image', () => {
  it.each(ANSWERS)(
    'is reported as a doubt, and nothing fails, when the answer is %s',
    async (_name, action) => {
      const { registry, at } = await setUp({}, [], action);
      await registry.seed('team/app', image, 'v1');
      const path = new RegExp(`sha256-|/referrers/`);
      for (const on of ['GET manifest', 'HEAD manifest', 'GET referrers'] as const)
        registry.inject({ on, path, times: 999, action });
      const doubts: Doubt[] = [];
      const found = await at.repository('team/app').attachments?.(image.root.digest, {
        onDoubt: (doubt) => void doubts.push(doubt),
      });
      expect(found).toEqual([]);
      expect(new Set(doubts.map(({ host }) => host))).toEqual(new Set([registry.host]));
      for (const { fact } of doubts) expect(fact).toMatch(/\S/);
    },
  );

  it('is listed as far as the registry answers', async () => {
    const { registry, at } = await setUp({ referrers: true }, [], status(403));
    await registry.seed('team/app', image, 'v1');
    await seedSigned(registry, 'team/app', image);
    registry.inject({ on: 'HEAD manifest', path: /\.att$/, times: 9, action: status(403) });
    const doubts: Doubt[] = [];
    const found = await at.repository('team/app').attachments?.(image.root.digest, {
      onDoubt: (doubt) => void doubts.push(doubt),
    });
    expect(found?.map(({ tag }) => tag)).toEqual([cosignTag(image, 'sig'), undefined]);
    expect(doubts).toEqual([{ host: registry.host, fact: expect.stringContaining('403') }]);
  });

  it.each<[string, Fault['on'], FaultAction]>([
    ['a document that is no list', 'GET referrers', status(200, { anything: 'else' })],
    ['a list of another kind', 'GET referrers', status(200, { manifests: 'none' })],
    ['a manifest', 'GET referrers', status(200, { schemaVersion: 2, config: {}, layers: [] })],
    ['text', 'GET referrers', { type: 'status', status: 200, body: 'hello' }],
  ])('is a doubt when the list is %s', async (_name, on, action) => {
    const { registry, at } = await setUp({}, [on], action);
    await registry.seed('team/app', image, 'v1');
    const doubts: Doubt[] = [];
    const onDoubt = (doubt: Doubt): void => void doubts.push(doubt);
    expect(await at.repository('team/app').attachments?.(image.root.digest, { onDoubt })).toEqual([]);
    expect(doubts).toEqual([{ host: registry.host, fact: 'the answer is not a list of manifests' }]);
  });

  it('is nothing when the tag of the list is the image itself, in both directions', async () => {
    const { registry, at } = await setUp({}, [], status(404));
    const index = sampleImage({ name: 'index', platforms: ['linux/amd64', 'linux/arm64'] });
    const fallback = `sha256-${hexOf(index.root.digest)}`;
    await registry.seed('team/app', index, fallback);
    for (const suffix of ['sig', 'att', 'sbom'] as const)
      await registry.seed('team/app', index, `${fallback}.${suffix}`);
    expect(await at.repository('team/app').attachments?.(index.root.digest)).toEqual([]);
  });

  it('stays unasked of a registry that only ever fails, after a while', async () => {
    const { registry, at } = await setUp({}, ['GET referrers', 'HEAD manifest', 'GET manifest'], status(500));
    const digests = Array.from(
      { length: 40 },
      (_, index) => sampleImage({ name: `no. ${index}` }).root.digest,
    );
    for (const digest of digests) await at.repository('team/app').attachments?.(digest);
    // Three kinds of questions, each given up for itself.
    expect(registry.log.entries.length).toBeLessThan(60);
  });
});

describe('a question that decides nothing', () => {
  it('still ends when it is interrupted', async () => {
    const { at } = await setUp({}, ['HEAD blob'], { type: 'silence' });
    if (layer === undefined) throw new Error('expected a blob');
    const stop = new AbortController();
    const asking = at.repository('team/app').has(layer.descriptor, { signal: stop.signal });
    stop.abort();
    expect(await thrownBy(asking)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

async function setUp(
  options: InProcessRegistryOptions,
  on: readonly Fault['on'][],
  action: FaultAction,
): Promise<{ readonly registry: InProcessRegistry; readonly at: Registry }> {
  const faults = on.map((each) => ({ on: each, times: 999, action }));
  const registry = await startRegistry({ ...options, faults });
  const client = openTestClient();
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  return { registry, at: client.open(registry.host) };
}
