import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBundle } from '../../../src/bundle/open.ts';
import { pushBundle } from '../../../src/verbs/carrier/push.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { uninstall } from '../../../src/verbs/uninstall.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const EXAMPLE = join(import.meta.dirname, '../../../bundle-spec/examples/valid/absent-platforms.tar');

describe('an index that is whole in a bundle which lacks its other platforms', () => {
  it('is pushed as an index of those that are there, and that is told', async () => {
    const folder = temporaryFolder();
    const registry = await startRegistry();
    onTestFinished(async () => {
      await registry[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });
    const around = { ...NOBODY, home: folder.path };
    await using bundle = await openBundle(EXAMPLE);
    const item = bundle.document.items.find(({ kind }) => kind === 'image');
    const wish = { path: EXAMPLE, targets: { registry: [registry.host] } };
    const first = await installBundle(wish, around);
    expect(first.actions).toMatchObject([{ outcome: 'pushed' }]);
    const [, repository = '', tag = ''] =
      /^[^/]+\/(.+):([^:]+)$/.exec(first.actions[0]?.destination ?? '') ?? [];
    const digest = registry.content.find(repository)?.tags.get(tag);
    expect(digest).toBeDefined();
    expect(digest).not.toBe(item?.descriptor.digest);
    await using client = openTestClient();
    const there = client.open(registry.host).repository(repository);
    const root = await there.resolve(tag);
    expect(root).toBeDefined();
    const bytes = root === undefined ? new Uint8Array() : await readContent(there, root);
    const index: unknown = JSON.parse(Buffer.from(bytes).toString());
    expect(index).toMatchObject({
      manifests: [{ platform: { os: 'linux', architecture: 'amd64' } }],
      annotations: { 'dev.saddlebag.source.digest': item?.descriptor.digest },
    });
    const told = first.findings.filter(({ level }) => level === 'warning');
    expect(told).toMatchObject([{ message: expect.stringContaining(String(digest)) }]);
    expect(told[0]?.message).toContain(String(item?.descriptor.digest));

    const again = await installBundle(wish, around);
    expect(again.actions).toMatchObject([{ outcome: 'present' }]);
    await uninstall({ receipt: String(first.receipt) }, around);
    expect(registry.content.find(repository)?.tags.get(tag)).toBeUndefined();
  });

  it('is pushed so from a registry that carries the bundle, too, and not by a rehearsal', async () => {
    const folder = temporaryFolder();
    const [carrier, registry] = [await startRegistry(), await startRegistry()];
    onTestFinished(async () => {
      for (const each of [carrier, registry]) await each[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });
    const around = { ...NOBODY, home: folder.path };
    const reference = `${carrier.host}/bundles/lab:1`;
    await pushBundle({ path: EXAMPLE, reference }, around);
    const wish = { path: `oci://${reference}`, targets: { registry: [registry.host] } };
    const { actions } = await installBundle({ ...wish, dryRun: true }, around);
    expect(actions).toMatchObject([{ outcome: 'planned' }]);
    expect(registry.log.count('PUT manifest')).toBe(0);
    expect((await installBundle(wish, around)).actions).toMatchObject([{ outcome: 'pushed' }]);
  });
});
