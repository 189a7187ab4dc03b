import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { signPlan } from '../../src/bundle/plan/sign-plan.ts';
import { fingerprintOf } from '../../src/bundle/signing/signing-key.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { signBundle } from '../../src/verbs/signing/sign.ts';
import type { Surroundings } from '../../src/steps/surroundings.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { expectUntouched, install, installLab, type InstallLab } from '../support/sites/install-lab.ts';
import { testKeys, writeKeys } from '../support/keys.ts';
import { sampleSource } from '../support/planned/items.ts';
import { SAMPLES } from '../support/samples/sample-bundle.ts';
import { thrownBy } from '../support/thrown.ts';
import { NOBODY } from '../support/surroundings.ts';

const [own, other] = [testKeys('ed25519'), testKeys('p256')];
const signer = fingerprintOf(own.publicKey);
const USUAL = '.config/saddlebag/trusted.pem';
/** Ways to trust a key, each with what it adds to the options. */
type Trusted = { readonly key: string } | { readonly env: Record<string, string> };
const WAYS: readonly (readonly [string, (lab: InstallLab) => Trusted])[] = [
  ['--key', (lab) => ({ key: writeKeys(lab.at(''), own).pub })],
  ['the variable', () => ({ env: { SADDLEBAG_TRUSTED_KEY: own.publicPem } })],
  ['the file', (lab) => ({ env: { XDG_CONFIG_HOME: trustAt(lab, 'config') } })],
];

/** Puts the trusted key in place, out of the home that must stay untouched; returns the folder of all configuration. */
function trustAt(lab: InstallLab, folder: string): string {
  const path = lab.at(join(folder, 'saddlebag/trusted.pem'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, own.publicPem);
  return lab.at(folder);
}

/** What every verb is told of the host. */
function hostOf({ options: { env, home, host } }: InstallLab): Surroundings & { readonly key?: string } {
  return { env, home, host };
}

async function sign(lab: InstallLab, keys: typeof own): Promise<void> {
  const { key } = writeKeys(lab.at(''), keys, 'signing.key');
  await signBundle({ path: lab.options.path, key }, NOBODY);
}

describe.each(WAYS)('where a key is trusted by %s', (_, trust) => {
  it('a bundle signed by it is verified and installed, and the key is named', async () => {
    const lab = await installLab();
    await sign(lab, own);
    const options = { ...lab.options, ...trust(lab) };
    const host: ReturnType<typeof hostOf> = { ...hostOf(lab), ...trust(lab) };
    const proven = { signed: true, signature: 'proven', signer };
    expect(await verifyBundle({ path: lab.options.path, key: host.key }, host)).toMatchObject({
      ok: true,
      ...proven,
    });
    expect(await inspectBundle({ path: lab.options.path, key: host.key }, host)).toMatchObject({
      ...proven,
      signatureRequired: true,
    });
    expect(await install({ ...options, dryRun: true })).toMatchObject(proven);
    expect(await install(options)).toMatchObject(proven);
  });

  it('an unsigned bundle is refused before anything happens', async () => {
    const lab = await installLab();
    const options = { ...lab.options, ...trust(lab) };
    const host: ReturnType<typeof hostOf> = { ...hostOf(lab), ...trust(lab) };
    const code = 'ERR_SIGNATURE_MISSING';
    expect(await thrownBy(verifyBundle({ path: lab.options.path, key: host.key }, host))).toMatchObject({
      code,
    });
    expect(await thrownBy(install(options))).toMatchObject({ code });
    expectUntouched(lab);
    expect(lab.registry.log.entries).toEqual([]);
    expect(await inspectBundle({ path: lab.options.path, key: host.key }, host)).toMatchObject({
      signed: false,
      signature: 'none',
      signatureRequired: true,
    });
  });

  it('a bundle that another has signed is refused before anything happens', async () => {
    const lab = await installLab();
    await sign(lab, other);
    const options = { ...lab.options, ...trust(lab) };
    const host: ReturnType<typeof hostOf> = { ...hostOf(lab), ...trust(lab) };
    const code = 'ERR_SIGNATURE_INVALID';
    expect(await thrownBy(verifyBundle({ path: lab.options.path, key: host.key }, host))).toMatchObject({
      code,
    });
    expect(await thrownBy(install(options))).toMatchObject({ code });
    expectUntouched(lab);
    expect(lab.registry.log.entries).toEqual([]);
    const report = await inspectBundle({ path: lab.options.path, key: host.key }, host);
    expect(report).toMatchObject({ signed: false, signature: 'wrong', signatureRequired: true });
    expect(report).not.toHaveProperty('signer');
  });
});

describe('where no key is trusted', () => {
  it('a bundle is taken as it is, and what is not proven is not called signed', async () => {
    const lab = await installLab();
    const none = { signed: false, signature: 'none' };
    expect(await verifyBundle({ path: lab.options.path }, hostOf(lab))).toMatchObject(none);
    expect(await install({ ...lab.options, dryRun: true })).toMatchObject(none);
    await sign(lab, own);
    const present = { signed: false, signature: 'present' };
    expect(await verifyBundle({ path: lab.options.path }, hostOf(lab))).toMatchObject({
      ok: true,
      ...present,
    });
    expect(await install({ ...lab.options, dryRun: true })).toMatchObject(present);
    expect(await inspectBundle({ path: lab.options.path }, NOBODY)).toMatchObject({
      ...present,
      signatureRequired: false,
    });
  });
});

describe('a key that is given', () => {
  it('counts in place of the trusted one', async () => {
    const lab = await installLab();
    await sign(lab, other);
    const env = { SADDLEBAG_TRUSTED_KEY: own.publicPem };
    const key = writeKeys(lab.at(''), other).pub;
    const host = { ...hostOf(lab), env, key };
    expect(await verifyBundle({ path: lab.options.path, key: host.key }, host)).toMatchObject({
      ok: true,
      signed: true,
    });
  });

  it('is never passed over when the file of it is broken', async () => {
    const lab = await installLab();
    await sign(lab, own);
    const path = join(lab.home, USUAL);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, own.publicPem.slice(0, 40));
    const code = 'ERR_KEY_INVALID';
    expect(await thrownBy(verifyBundle({ path: lab.options.path }, hostOf(lab)))).toMatchObject({ code });
    expect(await thrownBy(inspectBundle({ path: lab.options.path }, hostOf(lab)))).toMatchObject({ code });
    expect(await thrownBy(install(lab.options))).toMatchObject({ code });
  });
});

describe('a dated bundle', () => {
  it('tells its date when it is verified and inspected', async () => {
    const lab = await installLab();
    const created = '2026-08-20T14:05:00Z';
    const items = SAMPLES.map(({ planned }) => planned);
    const plan = signPlan(planBundle('lab', items, { created }), own.privateKey);
    const path = lab.at('dated.tar');
    await writeBundle(plan, sampleSource(SAMPLES), { path });
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true, created });
    expect(await inspectBundle({ path }, NOBODY)).toMatchObject({ created });
    expect((await inspectBundle({ path: lab.options.path }, NOBODY)).created).toBeUndefined();
  });
});
