import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, parsePrivateKey, parsePublicKeys } from '../../src/bundle/signing/signing-key.ts';
import { KEY_TYPES, type KeyType } from '../../src/bundle/signing/key-types.ts';
import { generateKeys } from '../../src/verbs/signing/keygen.ts';
import { signBundle } from '../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { peer } from '../support/peers/peers.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

const sample = sampleBundle();
/** Without it there is nothing to test here; `peer` says so. */
const isMissing = peer('openssl') === undefined;
const PASSPHRASE = 'päss wörd';

function run(folder: string, line: string): string {
  return execFileSync('bash', ['-euc', line], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    env: environment(),
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PASSPHRASE };
}

/** How `openssl` checks a signature that lies in `sig`, and whether it says that it is right. */
const CHECKS: Readonly<Record<ClassicType, string>> = {
  ed25519: 'openssl pkeyutl -verify -rawin -pubin -inkey lab.key.pub -in bundle.json -sigfile sig',
  p256: 'openssl dgst -sha256 -verify lab.key.pub -signature sig bundle.json',
};

/** How `openssl` makes a key, and encrypts it. */
const RECIPES: Readonly<Record<ClassicType, string>> = {
  ed25519: 'openssl genpkey -algorithm ed25519 -out lab.key',
  p256: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out lab.key',
};

/** The `openssl` of many systems does not know ML-DSA yet. */
type ClassicType = Exclude<KeyType, 'ml-dsa-65'>;
const CLASSIC_TYPES = KEY_TYPES.filter((type): type is ClassicType => type !== 'ml-dsa-65');

describe.skipIf(isMissing).each(CLASSIC_TYPES)('openssl and a key of type %s', (type) => {
  it('takes our signature as it lies in the tar, by our key, and no other', async () => {
    using folder = temporaryFolder();
    const key = join(folder.path, 'lab.key');
    await generateKeys({ path: key, type }, NOBODY);
    writeFileSync(join(folder.path, 'lab.tar'), sample.tar);
    await signBundle({ path: join(folder.path, 'lab.tar'), key }, NOBODY);
    run(folder.path, 'tar xf lab.tar bundle.json bundle.json.sig; base64 -d bundle.json.sig > sig');
    expect(run(folder.path, CHECKS[type])).toMatch(/Signature Verified Successfully|Verified OK/);
    run(folder.path, 'echo >> bundle.json');
    const changed = spawnSync('bash', ['-c', CHECKS[type]], { cwd: folder.path });
    expect(changed.status).not.toBe(0);
  });

  it.each([
    ['as it makes it', 'true'],
    [
      'encrypted',
      'openssl pkcs8 -topk8 -v2 aes-256-cbc -in lab.key -passout env:PASSPHRASE -out e; mv e lab.key',
    ],
  ])('makes a key that we sign with, %s', async (_, encrypt) => {
    using folder = temporaryFolder();
    run(folder.path, `${RECIPES[type]}; openssl pkey -in lab.key -pubout -out lab.key.pub; ${encrypt}`);
    const [key, pub] = [join(folder.path, 'lab.key'), join(folder.path, 'lab.key.pub')];
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, sample.tar);
    await signBundle({ path, key }, { ...NOBODY, env: { SADDLEBAG_KEY_PASSPHRASE: PASSPHRASE } });
    expect(await verifyBundle({ path, key: pub }, NOBODY)).toMatchObject({ ok: true, signed: true });
  });

  it('signs a bundle for us', async () => {
    using folder = temporaryFolder();
    const key = join(folder.path, 'lab.key');
    await generateKeys({ path: key, type }, NOBODY);
    const line =
      type === 'ed25519'
        ? 'openssl pkeyutl -sign -rawin -inkey lab.key -in bundle.json -out sig'
        : 'openssl dgst -sha256 -sign lab.key -out sig bundle.json';
    const tar = Buffer.from(sample.tar);
    writeFileSync(join(folder.path, 'bundle.json'), sample.files.get('bundle.json') ?? '');
    const text = run(folder.path, `${line}; base64 -w0 sig`).padEnd(128, '\n');
    const at = sample.layout.entries.find(({ path }) => path === 'bundle.json.sig')?.position ?? 0;
    tar.write(text, at, 'latin1');
    writeFileSync(join(folder.path, 'lab.tar'), tar);
    const result = await verifyBundle({ path: join(folder.path, 'lab.tar'), key: `${key}.pub` }, NOBODY);
    expect(result).toMatchObject({ ok: true, signed: true });
  });

  it.each<[string, Record<string, string>]>([
    ['plain', {}],
    ['encrypted', { SADDLEBAG_KEY_PASSPHRASE: PASSPHRASE }],
  ])('reads our key, %s, and finds the same fingerprint', async (_, env) => {
    using folder = temporaryFolder();
    const { fingerprint } = await generateKeys(
      { path: join(folder.path, 'lab.key'), type },
      { ...NOBODY, env },
    );
    const half = run(folder.path, 'openssl pkey -in lab.key -passin env:PASSPHRASE -pubout');
    expect(half).toBe(readFileSync(join(folder.path, 'lab.key.pub'), 'utf8'));
    expect(run(folder.path, 'openssl pkey -pubin -in lab.key.pub -outform DER | sha256sum')).toContain(
      fingerprint.slice('sha256:'.length),
    );
  });
});

describe.skipIf(isMissing)('openssl and a bundle with several signatures', () => {
  it('takes each of them as the specification says', async () => {
    using folder = temporaryFolder();
    const file = 'several-signatures.tar';
    const path = join(folder.path, file);
    writeFileSync(path, readFileSync(join(EXAMPLES, 'valid', file)));
    for (const type of CLASSIC_TYPES) {
      const key = join(folder.path, type);
      const { fingerprint } = await generateKeys({ path: key, type }, NOBODY);
      await signBundle({ path, key }, NOBODY);
      run(folder.path, `tar xf ${file} bundle.json bundle.json.sig; cp ${type}.pub lab.key.pub`);
      const shown = run(folder.path, `openssl pkey -pubin -in ${type}.pub -outform DER | sha256sum`);
      expect(shown).toContain(fingerprint.slice('sha256:'.length));
      run(folder.path, `grep '^${type} ${fingerprint} ' bundle.json.sig | cut -d' ' -f3 | base64 -d > sig`);
      expect(run(folder.path, CHECKS[type])).toMatch(/Signature Verified Successfully|Verified OK/);
    }
  });
});

describe.skipIf(isMissing)('older forms of a P-256 key', () => {
  it.each([
    ['EC PRIVATE KEY', 'openssl ecparam -name prime256v1 -genkey -noout -out k'],
    ['EC PRIVATE KEY behind its parameters', 'openssl ecparam -name prime256v1 -genkey -out k'],
    [
      'encrypted EC PRIVATE KEY',
      'openssl ecparam -name prime256v1 -genkey -noout | openssl ec -aes256 -passout env:PASSPHRASE -out k',
    ],
  ])('are read: %s', (_, line) => {
    using folder = temporaryFolder();
    run(folder.path, `${line}; openssl ec -in k -passin env:PASSPHRASE -pubout -out k.pub`);
    const key = parsePrivateKey(readFileSync(join(folder.path, 'k'), 'utf8'), { passphrase: PASSPHRASE });
    const [half] = parsePublicKeys(readFileSync(join(folder.path, 'k.pub'), 'utf8'));
    expect(half === undefined ? '' : fingerprintOf(half)).toBe(fingerprintOf(key));
  });
});
