import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Digest } from '../../src/oci/digest.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { installBundle } from '../../src/verbs/install.ts';
import { makeKit } from '../../src/verbs/kit.ts';
import { listReceipts } from '../../src/verbs/receipts.ts';
import { uninstall } from '../../src/verbs/uninstall.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { plannedKubectl } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { filesBelow, kitScene } from '../support/sites/kit-scene.ts';
import { type NodeSite, smallRelease, startNodeSite } from '../support/sites/node-site.ts';

let site: NodeSite;
beforeEach(async () => {
  site = await startNodeSite([smallRelease('24.5.0', 'Krypton')]);
});
afterEach(async () => {
  vi.useRealTimers();
  await site[Symbol.asyncDispose]();
});

/** Made by clocks that are right. */
async function madeNow(): Promise<{ readonly kit: Digest; readonly zip: Buffer }> {
  const { stick, home, surroundings } = kitScene();
  const out = join(home, 'lab.zip');
  writeFileSync(join(stick, 'lab.tar'), BUNDLE.tar);
  await convertBundle({ path: join(stick, 'lab.tar'), out }, surroundings);
  const { digest } = await makeKit({ folder: stick, mirror: site.url }, surroundings);
  return { kit: digest, zip: readFileSync(out) };
}

const BUNDLE = sampleBundle([plannedKubectl('1.30.6', 'linux/amd64')]);

describe('a machine whose clock says', () => {
  it.each([
    '1970-01-01T00:00:00.000Z',
    '1980-01-01T00:00:00.000Z',
    '2038-01-19T03:14:08.000Z',
    '2108-01-01T00:00:00.000Z',
  ])('%s makes the same, verifies, installs and takes back', async (said) => {
    const expected = await madeNow();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(said) });
    const { stick, home, surroundings } = kitScene();
    const path = join(stick, 'lab.tar');
    writeFileSync(path, BUNDLE.tar);
    // Written where the clock was right: in the future, by this one.
    utimesSync(path, 2e9, 2e9);
    expect((await makeKit({ folder: stick, mirror: site.url }, surroundings)).digest).toBe(expected.kit);
    const out = join(home, 'lab.zip');
    await convertBundle({ path, out }, surroundings);
    expect(readFileSync(out).equals(expected.zip)).toBe(true);

    const report = await verifyBundle({ path }, surroundings);
    expect(report).toMatchObject({ ok: true, root: BUNDLE.plan.root, kit: { ok: true } });
    const wish = { path, hostPlatform: 'linux/amd64', targets: { kuberlr: join(home, '.kuberlr') } };
    const installed = await installBundle(wish, surroundings);
    expect(installed.findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    const client = join(home, '.kuberlr/linux-amd64/kubectl1.30.6');
    expect(existsSync(client)).toBe(true);
    const again = await installBundle(wish, surroundings);
    expect(again.actions.map(({ outcome }) => outcome)).toEqual(['present']);
    const { receipts } = await listReceipts({}, surroundings);
    expect(receipts).toMatchObject([{ installedAt: said, complete: true }]);
    await uninstall({ receipt: path }, surroundings);
    expect(existsSync(client)).toBe(false);
    expect(filesBelow(home).filter((name) => name.includes('receipt'))).toEqual([]);
  });
});
