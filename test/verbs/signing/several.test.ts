import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { signPlan } from '../../../src/bundle/plan/sign-plan.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { fingerprintOf } from '../../../src/bundle/signing/signing-key.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { signBundle, type SignResult } from '../../../src/verbs/signing/sign.ts';
import { verifyBundle, type VerifyResult } from '../../../src/verbs/verify.ts';
import { failureOf } from '../../support/failure.ts';
import { testKeys, writeKeys } from '../../support/keys.ts';
import { sampleSource } from '../../support/planned/items.ts';
import { SAMPLES } from '../../support/samples/sample-bundle.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const KEYS = {
  ed: testKeys('ed25519'),
  ec: testKeys('p256'),
  pq: testKeys('ml-dsa-65'),
  more: testKeys('ed25519'),
} as const;
type Name = keyof typeof KEYS;

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['lab.tar', { form: 'tar' }],
  ['lab.zip', { form: 'zip' }],
  ['lab', { form: 'dir' }],
  ['lab.tar', { form: 'tar', volumeSize: 65_536 }],
  ['lab.zip', { form: 'zip', volumeSize: 65_536 }],
];

function planWith(signatureRoom: number | undefined): ReturnType<typeof planBundle> {
  return planBundle(
    'lab',
    SAMPLES.map(({ planned }) => planned),
    { signatureRoom },
  );
}

interface Bench {
  readonly path: string;
  readonly folder: string;
  readonly sign: (name: Name) => Promise<SignResult>;
  readonly remove: (name?: Name) => Promise<SignResult>;
  readonly verify: (names: readonly Name[], needed?: number) => Promise<VerifyResult>;
}

/** Builds the samples with so much room for signatures, alone in a folder. */
async function bench(
  room: number | undefined,
  [name, shape]: readonly [string, Shape] = ['lab.tar', { form: 'tar' }],
): Promise<Bench> {
  const temporary = temporaryFolder();
  onTestFinished(() => temporary[Symbol.dispose]());
  const [folder, aside] = [join(temporary.path, 'stick'), join(temporary.path, 'keys')];
  for (const made of [folder, aside]) mkdirSync(made);
  const { path } = await writeBundle(planWith(room), sampleSource(SAMPLES), {
    path: join(folder, name),
    shape,
  });
  const files = new Map(Object.entries(KEYS).map(([key, keys]) => [key, writeKeys(aside, keys, key)]));
  const pubOf = (key: Name): string => files.get(key)?.pub ?? '';
  return {
    path,
    folder,
    sign: async (key) => await signBundle({ path, key: files.get(key)?.key ?? '' }, NOBODY),
    remove: async (key) => await signBundle({ path, remove: true, key: key && pubOf(key) }, NOBODY),
    verify: async (keys, keysNeeded) =>
      await verifyBundle({ path, key: keys.map(pubOf), keysNeeded }, NOBODY),
  };
}

function fingerprints(...names: readonly Name[]): readonly string[] {
  return names.map((name) => fingerprintOf(KEYS[name].publicKey));
}

describe.each(SHAPES)('several signatures in %s %j', (...shape) => {
  it('are added and taken away, and the root stays', async () => {
    const { sign, remove, verify, path } = await bench(16_384, shape);
    const { root } = planWith(16_384);
    expect(await sign('ed')).toMatchObject({ root, replaced: false, signatures: 1 });
    expect(await sign('ec')).toMatchObject({ root, replaced: false, signatures: 2 });
    expect(await sign('pq')).toMatchObject({ root, replaced: false, signatures: 3 });
    for (const one of ['ed', 'ec', 'pq'] as const) {
      expect(await verify([one])).toMatchObject({ ok: true, root, signer: fingerprints(one)[0] });
    }
    expect(await verify(['pq', 'ed', 'ec'], 3)).toMatchObject({
      signed: true,
      signers: fingerprints('ed', 'ec', 'pq'),
    });
    expect(await remove('ec')).toMatchObject({ root, removed: 1, signatures: 2 });
    await expect(verify(['ec'])).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect(await verify(['pq'])).toMatchObject({ ok: true });
    expect(await remove()).toMatchObject({ removed: 2, signatures: 0 });
    await expect(verify(['pq'])).rejects.toMatchObject({ code: 'ERR_SIGNATURE_MISSING' });
    expect(await inspectBundle({ path }, NOBODY)).toMatchObject({ signature: 'none' });
  });
});

describe('several signatures', () => {
  it('have one by a key: signing again replaces it', async () => {
    const { sign, verify } = await bench(4096);
    await sign('ed');
    await sign('ec');
    expect(await sign('ed')).toMatchObject({ replaced: true, signatures: 2 });
    expect(await verify(['ed', 'ec'], 2)).toMatchObject({ ok: true });
  });

  it('are counted by key: the same key twice is one', async () => {
    const { sign, verify } = await bench(4096);
    await sign('ed');
    await expect(verify(['ed', 'ed'], 2)).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: expect.stringMatching(/Cannot ask for signatures by 2 keys: .* has 1$/),
    });
    await expect(verify(['ed', 'ec'], 2)).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
      message: expect.stringContaining('it is signed by 1 of the keys of'),
    });
    expect(await verify(['ed', 'ec'], 1)).toMatchObject({ ok: true });
  });

  it('cannot be asked for where no key is given or trusted', async () => {
    const { path } = await bench(4096);
    await expect(verifyBundle({ path, keysNeeded: 1 }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: expect.stringContaining('none is given'),
    });
  });

  it('that are wrong are refused even beside right ones [B-SIG-7]', async () => {
    const { path, sign, verify } = await bench(4096);
    await sign('ed');
    await sign('ec');
    const tar = readFileSync(path);
    const at = tar.indexOf(`ed25519 ${fingerprints('ed')[0]} `) + 'ed25519 sha256:'.length + 66;
    tar.write(tar.toString('latin1', at, at + 1) === 'A' ? 'B' : 'A', at, 'latin1');
    writeFileSync(path, tar);
    expect(await verify(['ec'])).toMatchObject({ ok: true });
    await expect(verify(['ec', 'ed'])).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
      message: expect.stringContaining(`its signature by the key ${fingerprints('ed')[0]}`),
    });
  });

  it('of an algorithm that is not known are kept, and count for nothing [B-SIG-6]', async () => {
    const { path, sign, verify } = await bench(4096);
    const tar = readFileSync(path);
    const at = tar.indexOf('bundle.json.sig') + 512;
    const [key = ''] = fingerprints('ed');
    const line = `future-1 ${key} AAAA\n`;
    tar.write(line, at, 'latin1');
    writeFileSync(path, tar);
    await expect(verify(['ed'])).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    await sign('ec');
    expect(readFileSync(path).toString('latin1', at, at + line.length)).toBe(line);
    expect(await verify(['ec'])).toMatchObject({ ok: true });
  });

  it.each([
    ['128 bytes, with ML-DSA-65', undefined, 'pq', 8],
    ['256 bytes, with a second signature', 256, 'ec', 4],
    ['4096 bytes, with ML-DSA-65', 4096, 'pq', 8],
  ] as const)(
    'find no room in %s: told with the remedy, and nothing changes',
    async (_, room, name, remedy) => {
      const { folder, path, sign } = await bench(room);
      if (room !== undefined) await sign('ed');
      const before = readFileSync(path);
      expect(await failureOf(() => sign(name))).toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: expect.stringContaining(`it reserves ${room ?? 128} bytes for signatures`),
        hint: expect.stringContaining(`--signature-room ${remedy}KiB or more`),
      });
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readdirSync(folder)).toEqual(['lab.tar']);
      await expect((async () => signPlan(planWith(128), KEYS.pq.privateKey))()).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
      });
    },
  );

  it('are one in 128 bytes, of which another takes the place', async () => {
    const { sign, remove, verify } = await bench(undefined);
    expect(await sign('ed')).toMatchObject({ replaced: false, signatures: 1 });
    expect(await sign('ec')).toMatchObject({ replaced: true, signatures: 1 });
    expect(await verify(['ec'])).toMatchObject({ ok: true, signer: fingerprints('ec')[0] });
    expect(await failureOf(() => remove('ed'))).toMatchObject({ code: 'ERR_SIGNATURE_MISSING' });
    expect(await remove('ec')).toMatchObject({ removed: 1, signatures: 0 });
    await expect(verify(['ec'])).rejects.toMatchObject({ code: 'ERR_SIGNATURE_MISSING' });
  });

  it('of others stay when signing was cut off in the middle of one', async () => {
    const { path, sign, verify } = await bench(4096);
    await sign('ed');
    await sign('ec');
    const tar = readFileSync(path);
    const at = tar.indexOf(`p256 ${fingerprints('ec')[0]} `) + 120;
    writeFileSync(path, tar.fill('\n', at, tar.indexOf('\n', at)));
    await expect(verify(['ed'])).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect(await sign('more')).toMatchObject({ replaced: true, signatures: 2 });
    expect(await verify(['ed', 'more'], 2)).toMatchObject({ ok: true });
  });

  it('give the very bytes that a build with that key writes', async () => {
    const { path, sign, folder } = await bench(8192);
    await sign('ed');
    const other = join(folder, 'other.tar');
    await writeBundle(signPlan(planWith(8192), KEYS.ed.privateKey), sampleSource(SAMPLES), { path: other });
    expect(readFileSync(path).equals(readFileSync(other))).toBe(true);
  });
});
