import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pushBundle } from '../../src/verbs/carrier/push.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { LAB } from '../support/registry/carrier-lab.ts';
import { startDockerRegistry } from '../support/registry/docker-registry.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

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
});
