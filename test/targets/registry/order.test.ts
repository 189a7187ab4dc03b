import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { applyPlans } from '../../../src/targets/apply-plans.ts';
import type { Item, PlannedBlob } from '../../../src/bundle/format/item.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { registryTarget } from '../../../src/targets/registry/registry.ts';
import type { Target } from '../../../src/targets/target.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { type SampleImage, sampleImage } from '../../support/samples/sample-image.ts';
import { sampleIndex } from '../../support/samples/sample-index.ts';
import { cosignTag, referrerOf } from '../../support/samples/signed-image.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';

const NAME = 'docker.io/lab/app:1';
const IMAGE = sampleImage({ name: NAME, layerBytes: 300_000 });
const STATEMENT = referrerOf(IMAGE, 'attestation');
const SIGNATURE = referrerOf(STATEMENT, 'signature');

/** What a bundle holds; names sort the later ones in front. */
const BUNDLES: readonly (readonly [name: string, samples: readonly PlannedSample[]])[] = [
  [
    'an attestation in the index of its image',
    [imageOf(NAME, sampleIndex([{ image: STATEMENT }, { image: IMAGE }]))],
  ],
  ['an attestation beside its image', [imageOf(NAME, IMAGE), signatureOf(STATEMENT, IMAGE.root.digest)]],
  [
    'a signature of an attestation',
    [
      imageOf(NAME, IMAGE),
      signatureOf(STATEMENT, IMAGE.root.digest),
      signatureOf(SIGNATURE, STATEMENT.root.digest),
    ],
  ],
  [
    'an artifact that was asked for as an image',
    [imageOf('docker.io/lab/app:0-statement', STATEMENT), imageOf(NAME, IMAGE)],
  ],
  [
    'an attestation of a platform of another index',
    [
      imageOf('docker.io/lab/app:0-statements', sampleIndex([{ image: STATEMENT }])),
      imageOf(NAME, sampleIndex([{ image: IMAGE }])),
    ],
  ],
];

describe('a registry that wants a subject first', () => {
  for (const [name, samples] of BUNDLES)
    for (const slow of [false, true])
      it(`gets ${name}${slow ? ', with slow layers' : ''}`, async () => {
        const { registry, target } = await setUp(samples, { slow });
        const { failures } = await applyPlans([{ target, actions: await target.plan() }]);
        expect(failures).toEqual([]);
        expect(await target.prove()).toMatchObject([{ level: 'ok' }]);
        expect(registry.log.entries.filter(({ status }) => status === 400)).toEqual([]);
      });

  it('gets a signature by tag after what it signs', async () => {
    const signature = sampleImage({ name: 'signature', layers: 1 });
    const signed = signatureOf(signature, IMAGE.root.digest, cosignTag(IMAGE, 'sig'));
    const { registry, target } = await setUp([imageOf(NAME, IMAGE), signed], { slow: true });
    await applyPlans([{ target, actions: await target.plan() }]);
    const puts = registry.log.entries.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
    );
    expect(puts.map(({ path }) => path.replace(/.*\/manifests\//, ''))).toEqual([
      '1',
      cosignTag(IMAGE, 'sig'),
    ]);
  });

  it('that takes no attestations gets the images all the same', async () => {
    const index = sampleIndex([{ image: STATEMENT }, { image: IMAGE }]);
    const other = imageOf('docker.io/lab/other:1', sampleImage({ name: 'other' }));
    const { registry, target } = await setUp([imageOf(NAME, index), other], { slow: true });
    registry.inject({
      on: 'PUT manifest',
      path: new RegExp(STATEMENT.root.digest),
      times: Infinity,
      action: { type: 'status', status: 400, body: { errors: [{ code: 'UNSUPPORTED' }] } },
    });
    const { failures, results } = await applyPlans([{ target, actions: await target.plan() }]);
    expect(failures).toMatchObject([{ code: 'ERR_REGISTRY_FAILED' }]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['pushed']);
    expect(registry.content.manifest('lab/app', IMAGE.root.digest)).toBeDefined();
  });
});

/** Returns once nothing but what is held back here is under way, and stays so for many turns of the event loop. */
async function untilQuiet({ log }: InProcessRegistry, held: ReadonlySet<unknown>): Promise<void> {
  let seen = 0;
  for (let quiet = 0; quiet < 100; quiet += 1) {
    await nextTurn();
    const open = log.entries.filter((entry) => entry.status === 0 && !held.has(entry));
    if (open.length > 0 || log.entries.length > seen) quiet = 0;
    seen = log.entries.length;
  }
}

async function setUp(
  samples: readonly PlannedSample[],
  { slow }: { readonly slow: boolean },
): Promise<{ registry: InProcessRegistry; target: Target }> {
  const held = new Set<unknown>();
  const registry: InProcessRegistry = await startRegistry({
    subjectsFirst: true,
    intercept: async ({ request, entry }) => {
      // Whatever is small is done before the layers are: they wait until nothing else is under way for a while.
      if (slow && request.method === 'PUT' && Number(request.headers['content-length']) > 200_000)
        await untilQuiet(registry, held.add(entry));
      return false;
    },
  });
  const client = openTestClient();
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  const bundle = await bundleOf(samples);
  return { registry, target: registryTarget(bundle, { registry: client.open(registry.host) }) };
}

function imageOf(name: string, image: SampleImage): PlannedSample {
  const item = { kind: 'image', name, descriptor: image.root, audience: ['registry'] } as const;
  return sampleOf(item, image);
}

function signatureOf(signature: SampleImage, subject: Digest, tag?: string): PlannedSample {
  const name = `docker.io/lab/app${tag === undefined ? `@${signature.root.digest}` : `:${tag}`}`;
  const item = {
    kind: 'signature',
    name,
    subject,
    descriptor: signature.root,
    audience: ['registry'],
  } as const;
  return sampleOf(item, signature);
}

function sampleOf(item: Item, { blobs, manifests }: SampleImage): PlannedSample {
  const contents = [...blobs, ...manifests];
  const planned = contents.map(({ descriptor, bytes }): PlannedBlob => ({
    descriptor,
    origin: { type: 'bytes', bytes },
  }));
  return { planned: { item, blobs: planned }, contents };
}
