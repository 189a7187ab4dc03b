import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containerdEngine } from '../../src/engine/containerd/containerd.ts';
import { engineTarget } from '../../src/targets/engine/engine-target.ts';
import { plannedImage } from '../support/planned/items.ts';
import { bundleOf } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

const COLLECTED =
  'ctr: failed to prepare extraction snapshot "extract-1 sha256:0a": parent snapshot sha256:0b does not exist: not found';

/** A client of containerd that fails to import so many times, and then has the image that `plan` wants. */
async function failing(failures: number, words = COLLECTED) {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const at = (name: string): string => join(folder.path, name);
  const bundle = await bundleOf([plannedImage('docker.io/rancher/shell:v1', { layerBytes: 100_000 })]);
  const [item] = bundle.document.items;
  const row = `docker.io/rancher/shell:v1 type ${item?.descriptor.digest} complete (2/2) 1 KiB true`;
  writeFileSync(at('failures'), `${failures}\n`);
  writeFileSync(at('words'), words);
  const script = `#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
  *"images check"*) if [ -e whole ]; then echo '${row}'; fi ;;
  *"images import"*)
    wc -c >> sent
    left=$(cat failures)
    if [ "$left" -gt 0 ]; then echo $((left - 1)) > failures; cat words >&2; exit 1; fi
    touch whole ;;
esac
`;
  writeFileSync(at('ctr'), script);
  chmodSync(at('ctr'), 0o755);
  const engine = containerdEngine({
    name: 'containerd',
    command: [at('ctr')],
    socket: at('socket'),
    isHere: true,
    namespace: 'test',
    env: process.env,
  });
  const target = engineTarget(bundle, { engine, platform: { os: 'linux', architecture: 'amd64' } });
  return { target, sent: () => readFileSync(at('sent'), 'utf8').trim().split('\n').map(Number) };
}

describe.skipIf(process.platform === 'win32')('an import into containerd', () => {
  it('is sent again, whole, when a layer was collected in its middle, and is counted once', async () => {
    const { target, sent } = await failing(2);
    const [action] = await target.plan();
    let bytes = 0;
    const onBytes = (count: number): void => void (bytes += count);
    expect(action && (await target.apply(action, { onBytes }))).toMatchObject({ outcome: 'pushed' });
    expect(sent()).toEqual([bytes, bytes, bytes]);
    expect(bytes).toBeGreaterThan(100_000);
  });

  it.each([
    ['that goes on', 9, COLLECTED, 3],
    ['for another reason', 1, 'ctr: unexpected EOF', 1],
  ])('fails in the words of the client when it fails %s', async (_, failures, words, tries) => {
    const { target, sent } = await failing(failures, words);
    const [action] = await target.plan();
    expect(action && (await thrownBy(target.apply(action)))).toMatchObject({
      code: 'ERR_TARGET_FAILED',
      message: expect.stringContaining(words.slice(5)),
    });
    expect(sent()).toHaveLength(tries);
  });
});
