import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { RepairWish, RepairResult } from '../../../src/verbs/repair.ts';
import { runInMemory } from '../../support/process/cli.ts';

const RESULT: RepairResult = {
  root: digestOf('lab'),
  path: 'lab.tar',
  files: ['index.json'],
  repaired: { blobs: 2, bytes: 2_000_000 },
  writtenBytes: 2_100_000,
  seconds: 5,
};

describe('bundle repair', () => {
  it('passes every patch on, and says what was repaired, the root digest last', async () => {
    let seen: RepairWish | undefined;
    const { status, stdout } = await runInMemory(['repair', 'lab.tar', 'a.tar', 'b.tar', '--key', 'k.pem'], {
      verbs: {
        repairBundle: async (wish) => {
          seen = wish;
          return { ...RESULT, path: wish.path };
        },
      },
    });
    expect(status).toBe(0);
    expect(seen).toMatchObject({ patches: ['a.tar', 'b.tar'], key: ['k.pem'] });
    expect(stdout).toBe(
      `Repaired lab.tar: 2 blobs, index.json, 2.0 MiB written in 5 s\nroot ${RESULT.root}\n`,
    );
  });

  it('needs no patch, and says so when there was nothing to repair', async () => {
    const sound = { ...RESULT, files: [], repaired: { blobs: 0, bytes: 0 }, writtenBytes: 0 };
    const { stdout } = await runInMemory(['repair', 'lab.tar'], {
      verbs: { repairBundle: async () => sound },
    });
    expect(stdout).toMatch(/^Sound lab\.tar: there was nothing to repair\n/);
    const frame = { ...sound, writtenBytes: 1024 };
    const other = await runInMemory(['repair', 'lab.tar'], { verbs: { repairBundle: async () => frame } });
    expect(other.stdout).toMatch(/^Repaired lab\.tar: its frame, 1\.0 KiB written/);
  });
});
