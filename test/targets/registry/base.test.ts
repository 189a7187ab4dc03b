import { describe, expect, it, onTestFinished } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Registry } from '../../../src/oci/roles.ts';
import { registryBase } from '../../../src/targets/registry/base.ts';
import type { Receipt } from '../../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../../src/targets/receipts/traces.ts';
import { freePort } from '../../support/http/free-port.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { type SampleImage, sampleImage } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

function receiptOf(...destinations: readonly string[]): Receipt {
  return {
    ...NO_TRACES,
    createdAt: '2026-08-20T14:05:00.000Z',
    root: digestOf('bundle'),
    name: 'lab',
    complete: true,
    items: destinations.map((destination) => ({ kind: 'image', name: 'x', destination })),
    blobs: [],
  };
}

async function seeded(): Promise<{
  readonly registry: InProcessRegistry;
  readonly image: SampleImage;
  readonly registryAt: (host: string) => Registry;
}> {
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const image = sampleImage({ name: 'rancher/rancher:v1', platforms: ['linux/amd64', 'linux/arm64'] });
  await registry.seed('rancher/rancher', image, 'v1');
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { registry, image, registryAt: (host) => client.open(host) };
}

describe('images of earlier installs', () => {
  it('give every blob they are made of, through indexes too', async () => {
    const { registry, image, registryAt } = await seeded();
    const base = registryBase([receiptOf(`${registry.host}/rancher/rancher:v1`)], { registryAt });
    const blobs = image.blobs.map(({ descriptor: { digest, size } }) => ({ digest, size }));
    const nowhere = { digest: digestOf('nowhere'), size: 7 };
    const { held } = await base.find([...blobs, nowhere]);
    expect(held).toEqual(new Set(blobs.map(({ digest }) => digest)));
    const [first] = image.blobs;
    if (first === undefined) throw new Error('an image has blobs');
    const read = collectBytes(base.open(first.descriptor), {
      limit: 1e6,
      onExcess: () => new Error('too much'),
    });
    expect(digestOf(await read)).toBe(first.descriptor.digest);
    expect(base.repositoryAt(registry.host, first.descriptor.digest)).toBe('rancher/rancher');
    expect(base.repositoryAt('elsewhere.test', first.descriptor.digest)).toBeUndefined();
    expect(base.repositoryAt(registry.host, nowhere.digest)).toBeUndefined();
  });

  it('are found by digest where they have no tag', async () => {
    const { registry, image, registryAt } = await seeded();
    const name = `${registry.host}/rancher/rancher@${image.root.digest}`;
    const [first] = image.blobs;
    if (first === undefined) throw new Error('an image has blobs');
    const { held } = await registryBase([receiptOf(name)], { registryAt }).find([first.descriptor]);
    expect(held.size).toBe(1);
  });

  it('that were deleted, or never were, are passed over', async () => {
    const { registry, image, registryAt } = await seeded();
    const names = ['rancher/rancher:gone', 'other/thing:v1', 'UPPER/x:1', 'nothing'];
    const receipt = receiptOf('no-slash', '/no-host:1', ...names.map((name) => `${registry.host}/${name}`));
    const [first] = image.blobs;
    if (first === undefined) throw new Error('an image has blobs');
    const { held } = await registryBase([receipt], { registryAt }).find([first.descriptor]);
    expect(held.size).toBe(0);
  });

  it('at a registry that does not answer are reported once', async () => {
    const { registryAt } = await seeded();
    const host = `127.0.0.1:${await freePort()}`;
    const messages: string[] = [];
    const base = registryBase([receiptOf(`${host}/a/b:1`, `${host}/c/d:2`)], {
      registryAt,
      onFinding: ({ message }) => void messages.push(message),
    });
    const { held } = await base.find([{ digest: digestOf('x'), size: 1 }]);
    expect(held.size).toBe(0);
    expect(messages).toEqual([expect.stringContaining('Cannot look for blobs of earlier installs: ')]);
  });

  it('are not asked for a blob that was not found before', async () => {
    const { registryAt } = await seeded();
    const base = registryBase([], { registryAt });
    const open = collectBytes(base.open({ digest: digestOf('x'), size: 1 }), {
      limit: 1,
      onExcess: () => new Error('too much'),
    });
    await expect(open).rejects.toThrow(TypeError);
  });

  it('stop being looked for when the user interrupts', async () => {
    const { registry, registryAt } = await seeded();
    const base = registryBase([receiptOf(`${registry.host}/rancher/rancher:v1`)], { registryAt });
    const finding = base.find([{ digest: digestOf('x'), size: 1 }], { signal: AbortSignal.abort() });
    expect(await thrownBy(finding)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});
