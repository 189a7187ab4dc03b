import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { waitUntil } from '../support/wait-until.ts';

const IMAGES = 'images: [rancher/rancher:v2.9.2]\n';
const MIB = 1024 * 1024;

let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ layerBytes: 24 * MIB });
});
afterEach(() => lab[Symbol.asyncDispose]());

/** Lets a build get into its blobs: three layers stop in their middle and stay there. */
async function buildUntilStalled(): Promise<ReturnType<Lab['run']>> {
  for (let count = 0; count < 3; count++) {
    lab.internet.inject({
      on: 'GET blob',
      path: /rancher\/rancher/,
      skip: 2,
      action: { type: 'stall', afterBytes: 9 * MIB },
    });
  }
  const build = lab.run(['build', lab.spec(IMAGES), '-o', 'lab.tar']);
  const partial = lab.at('lab.tar.partial');
  await waitUntil(() => existsSync(`${partial}.journal`) && blobsInside(`${partial}.journal`) === 3);
  return build;
}

/** How many blobs the journal says are in place in part: each stops at nine of its mebibytes. */
function blobsInside(path: string): number {
  const positions = new Map(
    [...readFileSync(path, 'utf8').matchAll(/"digest":"([^"]+)","bytes":(\d+)/g)].map(([, digest, bytes]) => [
      digest,
      Number(bytes),
    ]),
  );
  return [...positions.values()].filter((bytes) => bytes >= 8 * MIB && bytes <= 9 * MIB).length;
}

describe('a build that was stopped', () => {
  it('continues inside its blobs after kill -9, and the bundle is the same to the byte', async () => {
    const killed = await buildUntilStalled();
    killed.kill('SIGKILL');
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(lab.at('lab.tar'))).toBe(false);

    const before = lab.internet.log.entries.length;
    const again = await lab.run(['build', lab.at('lab.yaml'), '-o', 'lab.tar', '--json']).ended;
    expect(again.status).toBe(0);
    const { reusedBytes, fetchedBytes, bytes } = JSON.parse(again.stdout);
    expect(reusedBytes).toBeGreaterThanOrEqual(24 * MIB);
    expect(fetchedBytes + reusedBytes).toBeLessThan(bytes);
    const ranged = lab.internet.log.entries
      .slice(before)
      .filter(({ headers }) => headers['range'] !== undefined);
    expect(ranged.length).toBeGreaterThan(0);

    const undisturbed = await lab.run(['build', lab.at('lab.yaml'), '-o', 'other.tar']).ended;
    expect(undisturbed.status).toBe(0);
    expect(readFileSync(lab.at('other.tar')).equals(readFileSync(lab.at('lab.tar')))).toBe(true);
    expect(existsSync(lab.at('lab.tar.partial')) || existsSync(lab.at('lab.tar.partial.journal'))).toBe(
      false,
    );
  });

  it('is finished as it was begun, although its tag has moved upstream meanwhile', async () => {
    const killed = await buildUntilStalled();
    killed.kill('SIGKILL');
    await killed.ended;
    const moved = sampleImage({ name: 'moved', platforms: ['linux/amd64'] });
    await lab.internet.seed('rancher/rancher', moved, 'v2.9.2');
    const again = await lab.run(['build', lab.at('lab.yaml'), '-o', 'lab.tar', '--json']).ended;
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('as it was begun') });
    expect(JSON.parse(again.stdout).reusedBytes).toBeGreaterThanOrEqual(24 * MIB);
    const anew = await lab.run(['build', lab.at('lab.yaml'), '-o', 'anew.tar']).ended;
    expect(anew.stderr).toContain('docker.io/rancher/rancher:v2.9.2');
    expect(anew.stderr).toContain(moved.root.digest);
  });

  it('stops at Ctrl-C with status 130, says how to continue, and continues', async () => {
    const build = await buildUntilStalled();
    build.kill('SIGINT');
    expect(await build.ended).toMatchObject({
      status: 130,
      stderr: expect.stringContaining('Run the same command again'),
    });
    expect(statSync(lab.at('lab.tar.partial')).size).toBeGreaterThan(24 * MIB);
    const again = await lab.run(['build', lab.at('lab.yaml'), '-o', 'lab.tar', '--json']).ended;
    expect(JSON.parse(again.stdout).reusedBytes).toBeGreaterThanOrEqual(24 * MIB);
    expect(await lab.run(['verify', 'lab.tar']).ended).toMatchObject({ status: 0 });
  });
});
