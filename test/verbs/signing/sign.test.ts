import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/bundle/signing/signing-key.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { signPlan } from '../../../src/bundle/plan/sign-plan.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { convertBundle } from '../../../src/verbs/convert.ts';
import { signBundle } from '../../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import { plannedFile, sampleSource } from '../../support/planned/items.ts';
import { SAMPLES, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../../support/peers/small-disk.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { filesUnder } from '../../support/tree.ts';
import { NOBODY } from '../../support/surroundings.ts';

/** Large enough for several volumes of the least size. */
const ALL = [...SAMPLES, plannedFile('large.bin', incompressibleBytes('large', 200_000))];
const { plan } = sampleBundle(ALL);
const [first, second] = [testKeys('ed25519'), testKeys('p256')];

const SHAPES: readonly (readonly [string, string, Shape])[] = [
  ['a tar', 'lab.tar', { form: 'tar' }],
  ['a zip', 'lab.zip', { form: 'zip' }],
  ['a directory', 'lab', { form: 'dir' }],
  ['a tar in volumes', 'lab.tar', { form: 'tar', volumeSize: 65_536 }],
  ['a zip in volumes', 'lab.zip', { form: 'zip', volumeSize: 65_536 }],
  ['a directory with volumes', 'lab', { form: 'dir', volumeSize: 65_536 }],
];

/** Writes the sample into a folder of its own; returns what to give to whoever reads it. */
async function build(folder: string, name: string, shape: Shape): Promise<string> {
  const { path } = await writeBundle(plan, sampleSource(ALL), { path: join(folder, name), shape });
  return path;
}

describe.each(SHAPES)('signing %s', (_, name, shape) => {
  it('changes the signature and nothing else, and can be done again with another key', async () => {
    using folder = temporaryFolder();
    const path = await build(folder.path, name, shape);
    mkdirSync(join(folder.path, 'keys'));
    const keys = [first, second].map((one, index) => writeKeys(join(folder.path, 'keys'), one, `${index}`));
    for (const [index, one] of [first, second].entries()) {
      const result = await signBundle({ path, key: keys[index]?.key ?? '' }, NOBODY);
      const signer = fingerprintOf(one.publicKey);
      expect(result).toEqual({
        root: plan.root,
        path,
        signer,
        replaced: index > 0,
        removed: 0,
        signatures: 1,
      });
      const verified = await verifyBundle({ path, key: keys[index]?.pub }, NOBODY);
      expect(verified).toMatchObject({ ok: true, problems: [], root: plan.root, signed: true, signer });
      const stranger = verifyBundle({ path, key: keys[1 - index]?.pub }, NOBODY);
      await expect(stranger).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    }
  });

  it('gives the very files that a signed build would have written', async () => {
    using folder = temporaryFolder();
    const [one, other] = [join(folder.path, 'one'), join(folder.path, 'other')];
    for (const path of [one, other]) mkdirSync(path);
    const { key } = writeKeys(folder.path, first);
    await signBundle({ path: await build(one, name, shape), key }, NOBODY);
    await writeBundle(signPlan(plan, first.privateKey), sampleSource(ALL), {
      path: join(other, name),
      shape,
    });
    // Among them the sums of the volumes.
    expect(filesUnder(one)).toEqual(filesUnder(other));
  });

  it('is kept by a conversion', async () => {
    using folder = temporaryFolder();
    const { key, pub } = writeKeys(folder.path, first);
    const path = await build(folder.path, name, shape);
    await signBundle({ path, key }, NOBODY);
    const copy = await convertBundle({ path, out: join(folder.path, 'copy.tar') }, NOBODY);
    expect(await verifyBundle({ path: copy.path, key: pub }, NOBODY)).toMatchObject({
      ok: true,
      signed: true,
    });
  });
});

describe('sums of volumes', () => {
  it('stay wrong for a volume that was damaged before it was signed', async () => {
    using folder = temporaryFolder();
    const { key } = writeKeys(folder.path, first);
    const path = await build(folder.path, 'lab.tar', { form: 'tar', volumeSize: 65_536 });
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(60_000) ^ 1, 60_000);
    writeFileSync(path, bytes);
    const sums = readFileSync(join(folder.path, 'lab.tar.sha256'), 'utf8');
    await signBundle({ path, key }, NOBODY);
    expect(readFileSync(join(folder.path, 'lab.tar.sha256'), 'utf8')).toBe(sums);
  });

  it('agree with sha256sum after signing', async () => {
    using folder = temporaryFolder();
    const { key } = writeKeys(folder.path, first);
    const path = await build(folder.path, 'lab.tar', { form: 'tar', volumeSize: 65_536 });
    await signBundle({ path, key }, NOBODY);
    const report = execFileSync('sha256sum', ['-c', '--strict', 'lab.tar.sha256'], {
      cwd: dirname(path),
      encoding: 'utf8',
    });
    expect(report).not.toContain('FAILED');
  });
});

describe('signing', () => {
  it('takes over from one that was cut off anywhere, which no key accepts as a signature', async () => {
    using folder = temporaryFolder();
    const { key, pub } = writeKeys(folder.path, first);
    const path = await build(folder.path, 'lab.tar', { form: 'tar' });
    const unsigned = readFileSync(path);
    await signBundle({ path, key }, NOBODY);
    const signed = readFileSync(path);
    const at =
      sampleBundle(ALL).layout.entries.find((entry) => entry.path === 'bundle.json.sig')?.position ?? 0;
    // Ed25519 takes 88 bytes of the 128; from then on the rest is the same.
    for (let written = 1; written < 88; written += 1) {
      const torn = Buffer.from(unsigned);
      torn.set(signed.subarray(at, at + written), at);
      writeFileSync(path, torn);
      await expect(verifyBundle({ path, key: pub }, NOBODY)).rejects.toMatchObject({
        code: 'ERR_SIGNATURE_INVALID',
      });
    }
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({
      ok: false,
      signature: 'wrong',
      problems: [{ code: 'ERR_SIGNATURE_INVALID', path: 'bundle.json.sig' }],
    });
    expect(await signBundle({ path, key }, NOBODY)).toMatchObject({ replaced: true });
    expect(readFileSync(path).equals(signed)).toBe(true);
  });

  it('needs the passphrase of an encrypted key, and changes nothing without it', async () => {
    using folder = temporaryFolder();
    const key = join(folder.path, 'lab.key');
    const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    writeFileSync(key, first.privateKey.export(form));
    const path = await build(folder.path, 'lab.tar', { form: 'tar' });
    const before = readFileSync(path);
    for (const env of [{}, { SADDLEBAG_KEY_PASSPHRASE: '' }, { SADDLEBAG_KEY_PASSPHRASE: 'wrong' }]) {
      await expect(signBundle({ path, key }, { ...NOBODY, env })).rejects.toMatchObject({
        code: 'ERR_KEY_INVALID',
      });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    const result = await signBundle(
      { path, key },
      { ...NOBODY, env: { SADDLEBAG_KEY_PASSPHRASE: 'secret' } },
    );
    expect(result.signer).toBe(fingerprintOf(first.publicKey));
  });

  it('refuses a key that is missing, and what is not a bundle', async () => {
    using folder = temporaryFolder();
    const { key } = writeKeys(folder.path, first);
    await expect(
      signBundle({ path: 'lab.tar', key: join(folder.path, 'none') }, NOBODY),
    ).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: `Cannot read signing key ${JSON.stringify(join(folder.path, 'none'))}: there is no such file`,
    });
    await expect(signBundle({ path: join(folder.path, 'none.tar'), key }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_BUNDLE_NOT_FOUND',
    });
    await expect(signBundle({ path: key, key }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
    });
  });

  it.skipIf(NO_SMALL_DISK !== undefined)('on a medium that is read-only says so, in any shape', async () => {
    using folder = temporaryFolder();
    const { key } = writeKeys(folder.path, first);
    for (const [, name, shape] of SHAPES) {
      using disk = mountSmallDisk(4 * 1024 * 1024);
      const path = await build(disk.path, name, shape);
      setReadOnly(disk.path, true);
      await expect(signBundle({ path, key }, NOBODY)).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: expect.stringMatching(/^Cannot write to ".*": the filesystem is read-only$/),
        hint: 'The bundle is changed in place: make it writable, or do this where it was built.',
      });
    }
  });

  it('leaves the size of every file as it is', async () => {
    using folder = temporaryFolder();
    const { key } = writeKeys(folder.path, second);
    const path = await build(folder.path, 'lab.tar', { form: 'tar' });
    const { size } = statSync(path);
    await signBundle({ path, key }, NOBODY);
    expect(statSync(path).size).toBe(size);
  });
});
