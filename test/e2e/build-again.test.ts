import { truncateSync, readFileSync, renameSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Lab, LAB_IMAGES, startLab } from '../support/sites/lab.ts';
import { stampOf } from '../support/tree.ts';

const [FIRST, SECOND] = LAB_IMAGES;

interface Built {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Paths of the blobs that were fetched. */
  readonly blobs: readonly string[];
}

async function build(lab: Lab, spec: string, ...options: readonly string[]): Promise<Built> {
  lab.internet.log.clear();
  const { status, stdout, stderr } = await lab.run(['build', spec, ...options]).ended;
  const blobs = lab.internet.log.entries.map(({ path }) => path).filter((path) => path.includes('/blobs/'));
  return { status, stdout, stderr, blobs };
}

describe('building again', () => {
  it.each([
    ['a tar', ['-o', 'lab.tar'], 'lab.tar'],
    ['a zip', ['-o', 'lab.zip'], 'lab.zip'],
    ['a folder', ['-o', 'lab'], 'lab/bundle.json'],
    ['volumes', ['-o', 'lab.tar', '--volume-size', '64KiB'], 'lab.tar.001'],
  ])('costs nothing where OUT is that bundle already: %s', async (_, options, file) => {
    await using lab = await startLab({ layerBytes: 100_000 });
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    const first = await build(lab, spec, ...options);
    expect(first.status).toBe(0);
    const stamp = stampOf(lab.at(file));
    for (const more of [[], ['--locked']]) {
      const again = await build(lab, spec, ...options, ...more);
      expect(again).toMatchObject({ status: 0, blobs: [] });
      expect(again.stdout).toMatch(/^Nothing to do: \S+ is that bundle already\n/);
      expect(again.stdout.split('\n').at(-2)).toBe(first.stdout.split('\n').at(-2));
    }
    expect(stampOf(lab.at(file))).toEqual(stamp);
  });

  it('takes what an older OUT has from there, by itself', async () => {
    await using lab = await startLab({ layerBytes: 100_000 });
    await build(lab, lab.spec(`images:\n  - ${FIRST}\n`), '-o', 'lab.tar');
    const spec = lab.spec(`images:\n  - ${FIRST}\n  - ${SECOND}\n`);
    const dry = await build(lab, spec, '-o', 'lab.tar', '--dry-run', '--json');
    const grown = await build(lab, spec, '-o', 'lab.tar', '--json');
    const { fetchedBytes, reusedBytes } = Object(JSON.parse(grown.stdout));
    expect(reusedBytes).toBeGreaterThan(100_000);
    const { dryRun } = Object(JSON.parse(dry.stdout));
    expect(dryRun.fetchBytes).toBeGreaterThan(0);
    // What is made here is counted as fetched, and not as something to fetch.
    expect(dryRun.fetchBytes).toBeLessThanOrEqual(fetchedBytes);
    await build(lab, spec, '-o', 'fresh.tar');
    expect(readFileSync(lab.at('lab.tar')).equals(readFileSync(lab.at('fresh.tar')))).toBe(true);
  });

  it.each([
    ['was cut short', (path: string) => truncateSync(path, statSync(path).size - 512)],
    ['is of another form', (path: string) => renameSync(path, path.replace('.tar', '.zip'))],
  ])('builds anew where OUT %s', async (_, change) => {
    await using lab = await startLab();
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    await build(lab, spec, '-o', 'lab.tar');
    change(lab.at('lab.tar'));
    const again = await build(lab, spec, '-o', 'lab.tar');
    expect(again.stdout).toMatch(/^Built /);
    expect((await lab.run(['verify', 'lab.tar']).ended).status).toBe(0);
  });

  it('says that a signature goes where a signed OUT is written anew without a key, and only there', async () => {
    await using lab = await startLab();
    const [one, two] = [lab.spec(`images:\n  - ${FIRST}\n`), `images:\n  - ${FIRST}\n  - ${SECOND}\n`];
    await lab.run(['keygen', 'key']).ended;
    await build(lab, one, '-o', 'lab.tar', '--sign-key', 'key');
    const lost = 'warning: The bundle in "lab.tar" was signed, and the one that takes its place is not';
    for (const [spec, options, isLost] of [
      [one, ['--dry-run'], false],
      [one, ['--sign-key', 'key'], false],
      [one, [], true],
      [one, [], false],
      [one, ['--sign-key', 'key'], false],
      [one, ['--parity', '5%'], true],
      [one, ['--parity', '5%', '--sign-key', 'key'], false],
      [lab.spec(two), [], true],
    ] as const) {
      const { status, stderr } = await build(lab, spec, '-o', 'lab.tar', ...options);
      expect({ options, status, isLost: stderr.includes(lost) }).toEqual({ options, status: 0, isLost });
    }
  });

  it('goes on without what --reuse names where it is not there yet, with a warning', async () => {
    await using lab = await startLab();
    const spec = lab.spec(`images:\n  - ${FIRST}\n`);
    const { status, stderr } = await build(lab, spec, '-o', 'lab.tar', '--reuse', 'none.tar');
    expect(status).toBe(0);
    expect(stderr).toContain('warning: Nothing is reused from "none.tar": there is no such file');
  });

  it('refuses an OUT whose ending names no form before anything is asked', async () => {
    await using lab = await startLab();
    const { status, stderr } = await build(lab, lab.spec(`images:\n  - ${FIRST}\n`), '-o', 'lab.tar.gz');
    expect(status).toBe(2);
    expect(stderr).toContain('Write "lab.tar"');
    expect(lab.internet.log.entries).toEqual([]);
  });
});
