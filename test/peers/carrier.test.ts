import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../../src/oci/digest.ts';
import { pushBundle } from '../../src/verbs/carrier/push.ts';
import { installBundle } from '../../src/verbs/install.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { LAB, largestOf } from '../support/registry/carrier-lab.ts';
import { startDockerRegistry } from '../support/registry/docker-registry.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder } from '../support/tree.ts';
import { waitUntil } from '../support/wait-until.ts';

const run = promisify(execFile);

/** A configuration for the registry's own garbage collection, which runs while nobody pushes. */
function configOf(folder: string, content: string): string {
  const path = join(folder, 'gc.yml');
  writeFileSync(
    path,
    `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${JSON.stringify(content)}\n`,
  );
  return path;
}

describe('docker-registry that carries bundles', () => {
  it('loses nothing of them by its garbage collection, and skopeo brings them to the next', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    const skopeo = requirePeer(context, 'skopeo');
    using folder = temporaryFolder();
    await using first = await startDockerRegistry({ program });
    await using second = await startDockerRegistry({ program });
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, LAB.tar);
    const reference = (tag: string): string => `${first.host}/bundles/lab:${tag}`;
    await pushBundle({ path, reference: reference('whole') }, NOBODY);
    await pushBundle({ path, reference: reference('parts'), layers: 12 }, NOBODY);
    const collect = async (content: string): Promise<string> => {
      const { stdout } = await run(program, ['garbage-collect', '-m', configOf(folder.path, content)]);
      return stdout;
    };
    expect(await collect(first.folder)).toContain('0 blobs and 0 manifests eligible for deletion');
    const plain = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    const [from, to] = [`${first.host}/bundles/lab`, `${second.host}/bundles`];
    await run(skopeo, ['sync', '--all', ...plain, '--src', 'docker', '--dest', 'docker', from, to]);
    await collect(second.folder);
    const copy = ['copy', '--all', ...plain, `docker://${from}:parts`, `docker://${to}/copied:parts`];
    await run(skopeo, copy);
    for (const name of ['lab:whole', 'lab:parts', 'copied:parts']) {
      const carried = `oci://${second.host}/bundles/${name}`;
      const { ok, root, problems } = await verifyBundle({ path: carried }, NOBODY);
      expect({ name, ok, root, problems }).toEqual({ name, ok: true, root: LAB.plan.root, problems: [] });
    }
  });

  it('keeps a blob that is damaged or cut short until it is removed from its storage', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    using folder = temporaryFolder();
    await using registry = await startDockerRegistry({ program });
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, LAB.tar);
    const wish = { path, reference: `${registry.host}/bundles/lab:1` };
    await pushBundle(wish, NOBODY);
    const hex = hexOf(largestOf(LAB));
    const place = `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}`;
    const file = join(registry.folder, place, 'data');
    const damage = readFileSync(file);
    damage[7] = (damage[7] ?? 0) ^ 1;
    for (const content of [damage, damage.subarray(0, 100)]) {
      writeFileSync(file, content);
      const { problems } = await verifyBundle({ path: `oci://${wish.reference}` }, NOBODY);
      expect(problems.map((problem) => ('path' in problem ? problem.path : ''))).toEqual([
        `blobs/sha256/${hex}`,
      ]);
      const refused = await thrownBy(pushBundle({ ...wish, verify: true }, NOBODY));
      expect(refused).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
      expect(refused.hint).toContain('Remove them from the storage of the registry');
    }
    const { digest } = await pushBundle({ ...wish, reference: `${registry.host}/bundles/lab:2` }, NOBODY);
    await fetch(`${registry.url}/v2/bundles/lab/manifests/${digest}`, { method: 'DELETE' });
    await run(program, ['garbage-collect', configOf(folder.path, registry.folder)]);
    expect(await pushBundle({ ...wish, verify: true }, NOBODY)).toMatchObject({ repairedBytes: 0 });
    expect(await verifyBundle({ path: `oci://${wish.reference}` }, NOBODY)).toMatchObject({ ok: true });
    writeFileSync(file, damage);
    rmSync(join(registry.folder, place), { recursive: true });
    expect(await pushBundle({ ...wish, verify: true }, NOBODY)).toMatchObject({ repairedBytes: 0 });
    expect(await verifyBundle({ path: `oci://${wish.reference}` }, NOBODY)).toMatchObject({ ok: true });
  });

  it('stands as a cache in front of another, and has the bundle after one that is verified through it', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    using folder = temporaryFolder();
    const upstream = await startDockerRegistry({ program });
    await using cache = await startDockerRegistry({ program, remote: upstream.url });
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, LAB.tar);
    await pushBundle({ path, reference: `${upstream.host}/bundles/lab:1`, layers: 12 }, NOBODY);
    const carried = `oci://${cache.host}/bundles/lab:1`;
    const user = { ...NOBODY, home: join(folder.path, 'home') };
    const out = join(folder.path, 'out');
    const install = { path: carried, targets: { files: out } };
    expect(await installBundle(install, user)).toMatchObject({ root: LAB.plan.root });
    expect(await verifyBundle({ path: carried }, NOBODY)).toMatchObject({ ok: true, root: LAB.plan.root });
    const kept = (): string[] => Object.keys(filesUnder(join(cache.folder, 'docker/registry/v2/blobs')));
    // An empty one is not asked for.
    const blobs = LAB.plan.blobs.filter(({ descriptor }) => descriptor.size > 0);
    await waitUntil(() =>
      blobs.every(({ descriptor }) => kept().some((name) => name.includes(hexOf(descriptor.digest)))),
    );
    // Everything is in the cache now.
    await upstream[Symbol.asyncDispose]();
    expect(await verifyBundle({ path: carried }, NOBODY)).toMatchObject({ ok: true, root: LAB.plan.root });
    expect(await installBundle(install, user)).toMatchObject({ root: LAB.plan.root });
    const refused = await thrownBy(pushBundle({ path, reference: `${cache.host}/bundles/lab:2` }, NOBODY));
    expect(refused.code).toBe('ERR_REGISTRY_FAILED');
  });
});
