import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { VerifyResult } from '../../../src/verbs/verify.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');

describe('bundle verify', () => {
  const sound: VerifyResult = {
    root: ROOT,
    ok: true,
    signed: false,
    signature: 'none',
    problems: [],
    bytes: 2048,
    seconds: 1,
  };

  it('says that a bundle is sound', async () => {
    const { status, stdout, stderr } = await runInMemory(['verify', 'lab.tar'], {
      verbs: { verifyBundle: async () => sound },
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `Verified lab.tar: 2.0 KiB in 1 s\nroot ${ROOT}\n`,
      stderr: 'next: install it, where it is needed: bundle install lab.tar\n',
    });
  });

  it('hands on the key and where a trusted one may be, and tells which key has signed', async () => {
    let seen: unknown;
    const signer = digestOf('key');
    const verify: Library['verifyBundle'] = async (...args) => {
      seen = args;
      return { ...sound, signed: true, signature: 'proven', signer };
    };
    const argv = ['verify', 'lab.tar', '--key', 'lab.pub'];
    const { stdout } = await runInMemory(argv, { verbs: { verifyBundle: verify }, env: { A: 'b' } });
    expect(seen).toMatchObject([
      { path: 'lab.tar', key: ['lab.pub'] },
      { env: { A: 'b' }, home: '/home/user' },
      {},
    ]);
    expect(stdout).toBe(`Verified lab.tar: 2.0 KiB in 1 s\nsigned by ${signer}\nroot ${ROOT}\n`);
  });

  it('hands on bases and where to list what is missing, and tells of what a delta counts on', async () => {
    let seen: unknown;
    const requires = { root: digestOf('base'), name: 'lab', blobs: 2, bytes: 4096 };
    const missing = { path: 'm.json', files: 1, blobs: 3, bytes: 1024 };
    const verify: Library['verifyBundle'] = async (wish) => {
      seen = wish;
      return { ...sound, ok: false, requires: [requires], madeGood: 1, missing };
    };
    const argv = ['verify', 'lab.tar', '--base', 'a.tar', '--base', 'b.tar', '--missing-to', 'm.json'];
    const { stdout, stderr } = await runInMemory(argv, { verbs: { verifyBundle: verify } });
    expect(seen).toMatchObject({ bases: ['a.tar', 'b.tar'], missingTo: 'm.json' });
    expect(stdout).toContain(`a delta: requires 2 blobs (4.0 KiB) of lab ${requires.root}\n`);
    expect(stdout).toContain('made good by --base: 1 problem\n');
    expect(stdout).toContain('wrote what is missing to m.json: 3 blobs (1.0 KiB), 1 file of the head\n');
    expect(stderr).toContain('--only m.json');
  });

  it('prints every problem and ends with status 3', async () => {
    const damaged: VerifyResult = {
      ...sound,
      ok: false,
      problems: [
        { code: 'ERR_DIGEST_MISMATCH', path: 'blobs/sha256/aa', message: 'Cannot verify "aa": it is "bb"' },
        { code: 'ERR_CONTENT_NOT_FOUND', path: 'x', message: 'Cannot find "x": missing', hint: 'copy again' },
      ],
    };
    const verify: Library['verifyBundle'] = async () => damaged;
    const text = await runInMemory(['verify', 'lab.tar'], { verbs: { verifyBundle: verify } });
    expect(text.status).toBe(3);
    expect(text.stdout).toContain('  - Cannot verify "aa": it is "bb" [ERR_DIGEST_MISMATCH]\n');
    expect(text.stdout).toContain('    hint: copy again\n');
    expect(text.stderr).toMatch(
      /^error: Cannot trust bundle "lab\.tar": 2 problems found \[ERR_BUNDLE_DAMAGED\]\n/,
    );
    const json = await runInMemory(['verify', 'lab.tar', '--json'], { verbs: { verifyBundle: verify } });
    expect(json.status).toBe(3);
    expect(JSON.parse(json.stdout)).toEqual(damaged);
  });

  it('says how a registry gets back what it has lost or damaged', async () => {
    const { status, stderr } = await runInMemory(['verify', 'oci://harbor.lab/bundles/lab:1'], {
      verbs: { verifyBundle: async () => ({ ...sound, ok: false, problemCount: 1 }) },
    });
    expect(status).toBe(3);
    expect(stderr).toContain(
      'hint: Push the bundle again with "bundle push --verify": what the registry has lost or damaged is sent once more.\n',
    );
  });

  it('names the repair when a parity file is beside what is damaged', async () => {
    const verify: Library['verifyBundle'] = async () => ({
      ...sound,
      ok: false,
      parity: { path: 'lab.tar.par' },
    });
    const { stderr } = await runInMemory(['verify', 'lab.tar'], { verbs: { verifyBundle: verify } });
    expect(stderr).toContain(
      'hint: Run "bundle repair lab.tar": the parity file "lab.tar.par" is beside it.\n',
    );
  });
});
