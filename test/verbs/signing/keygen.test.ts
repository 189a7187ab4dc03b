import { createPublicKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fingerprintOf, parsePrivateKey, parsePublicKeys } from '../../../src/bundle/signing/signing-key.ts';
import { generateKeys } from '../../../src/verbs/signing/keygen.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../../support/peers/small-disk.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { modeOf } from '../../support/tree.ts';
import { NOBODY } from '../../support/surroundings.ts';

describe('keygen', () => {
  it.each(['ed25519', 'p256'] as const)('makes two halves of one key of type %s', async (type) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.key');
    const result = await generateKeys({ path, type }, NOBODY);
    const privateKey = parsePrivateKey(readFileSync(path, 'utf8'));
    const [publicKey] = parsePublicKeys(readFileSync(`${path}.pub`, 'utf8'));
    expect(result).toEqual({
      type,
      privateKey: path,
      publicKey: `${path}.pub`,
      fingerprint: fingerprintOf(privateKey),
      encrypted: false,
    });
    expect(publicKey?.equals(createPublicKey(privateKey))).toBe(true);
    expect(privateKey.asymmetricKeyType).toBe(type === 'p256' ? 'ec' : type);
    expect(modeOf(path)).toBe('600');
    expect(readdirSync(folder.path).toSorted()).toEqual(['lab.key', 'lab.key.pub']);
  });

  it('makes an Ed25519 key when nothing else is asked, and never the same twice', async () => {
    using folder = temporaryFolder();
    const [one, other] = [
      await generateKeys({ path: join(folder.path, 'one') }, NOBODY),
      await generateKeys({ path: join(folder.path, 'other') }, NOBODY),
    ];
    expect([one.type, other.type]).toEqual(['ed25519', 'ed25519']);
    expect(one.fingerprint).not.toBe(other.fingerprint);
  });

  it('encrypts the private half with the passphrase of the environment', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.key');
    const result = await generateKeys({ path }, { ...NOBODY, env: { SADDLEBAG_KEY_PASSPHRASE: 'secret' } });
    const pem = readFileSync(path, 'utf8');
    expect(result.encrypted).toBe(true);
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(() => parsePrivateKey(pem)).toThrow('it is encrypted');
    expect(fingerprintOf(parsePrivateKey(pem, { passphrase: 'secret' }))).toBe(result.fingerprint);
  });

  it('takes an empty passphrase for none', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.key');
    const result = await generateKeys({ path }, { ...NOBODY, env: { SADDLEBAG_KEY_PASSPHRASE: '' } });
    expect(result.encrypted).toBe(false);
    expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it.each(['lab.key', 'lab.key.pub'])(
    'overwrites nothing, and makes nothing, when there is a file %s',
    async (name) => {
      using folder = temporaryFolder();
      const existing = join(folder.path, name);
      writeFileSync(existing, 'precious');
      await expect(generateKeys({ path: join(folder.path, 'lab.key') }, NOBODY)).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: `Cannot create key "${existing}": a file is there already`,
        hint: 'A key is never overwritten: choose another name.',
      });
      expect(readdirSync(folder.path)).toEqual([name]);
      expect(readFileSync(existing, 'utf8')).toBe('precious');
    },
  );

  it.skipIf(process.platform === 'win32').each([0o777, 0o077, 0o000])(
    'gives the private key to its owner alone whatever the umask is: %o',
    async (umask) => {
      using folder = temporaryFolder();
      const before = process.umask(umask);
      onTestFinished(() => void process.umask(before));
      await generateKeys({ path: join(folder.path, 'lab.key') }, { ...NOBODY, env: {} });
      expect([modeOf(join(folder.path, 'lab.key')), modeOf(join(folder.path, 'lab.key.pub'))]).toEqual([
        '600',
        '644',
      ]);
    },
  );

  it('leaves nothing beside the keys on a filesystem that knows one name for a file', async () => {
    using folder = temporaryFolder();
    using _fat = replaceCall('link', () => Promise.reject(systemFailure('EPERM')));
    await generateKeys({ path: join(folder.path, 'lab.key') }, { ...NOBODY, env: {} });
    expect(readdirSync(folder.path).sort()).toEqual(['lab.key', 'lab.key.pub']);
    expect(modeOf(join(folder.path, 'lab.key'))).toBe('600');
    await expect(
      generateKeys({ path: join(folder.path, 'lab.key') }, { ...NOBODY, env: {} }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('a file is there already'),
    });
  });

  it('says where it cannot write', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'x'));
    await expect(generateKeys({ path: join(folder.path, 'none', 'lab.key') }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('there is no such folder'),
    });
    expect(readdirSync(folder.path)).toEqual(['x']);
  });

  it.skipIf(NO_SMALL_DISK !== undefined)('leaves no half of a key on a disk that is full', async () => {
    using disk = mountSmallDisk(64 * 1024);
    for (let size = 32 * 1024, count = 0; size >= 1; count++) {
      try {
        writeFileSync(join(disk.path, `filling-${count}`), Buffer.alloc(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
    await expect(generateKeys({ path: join(disk.path, 'lab.key') }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_DISK_FULL',
    });
    expect(readdirSync(disk.path).filter((name) => name.startsWith('lab.key'))).toEqual([]);
  });
});
