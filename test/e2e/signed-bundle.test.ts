import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { namesUnder } from '../support/tree.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

const PARTS = 'images: [rancher/rancher:v2.9.2]\n';

/** Runs the program, and returns the document it prints. */
async function json(
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await lab.run([...argv, '--json'], env).ended;
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const document: Record<string, unknown> = JSON.parse(stdout);
  return document;
}

async function codeOf(argv: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  const { status, stdout } = await lab.run([...argv, '--json'], env).ended;
  expect(status).toBe(3);
  return JSON.parse(stdout).error.code;
}

describe('a signed bundle', () => {
  it('is built, carried across and installed, and nothing else is once its key is trusted', async () => {
    lab.spec(PARTS);
    const passphrase = { SADDLEBAG_KEY_PASSPHRASE: 'secret' };
    const keys = await json(['keygen', 'lab.key'], passphrase);
    const fingerprint = keys['fingerprint'];
    expect(readFileSync(lab.at('lab.key'), 'utf8')).toContain('ENCRYPTED');
    const build = ['build', 'lab.yaml', '-o'];
    const built = await json([...build, 'lab.tar', '--sign-key', 'lab.key'], passphrase);
    const plain = await json([...build, 'plain.tar', '--locked']);
    expect(built).toMatchObject({ signer: fingerprint, root: plain['root'], bytes: plain['bytes'] });

    // The offline host trusts the key once and for all.
    mkdirSync(lab.at('home/.config/saddlebag'), { recursive: true });
    writeFileSync(lab.at('home/.config/saddlebag/trusted.pem'), readFileSync(lab.at('lab.key.pub')));
    expect(await json(['verify', 'lab.tar'])).toMatchObject({ ok: true, signed: true, signer: fingerprint });
    expect(await codeOf(['verify', 'plain.tar'])).toBe('ERR_SIGNATURE_MISSING');
    const registry = ['--registry', lab.offline.host];
    const before = namesUnder(lab.at('home'));
    expect(await codeOf(['install', 'plain.tar', ...registry])).toBe('ERR_SIGNATURE_MISSING');
    expect(namesUnder(lab.at('home'))).toEqual(before);
    expect(lab.offline.log.entries).toEqual([]);
    const installed = await json(['install', 'lab.tar', ...registry]);
    expect(installed).toMatchObject({ signed: true, signer: fingerprint });
    const inspected = await lab.run(['inspect', 'plain.tar']).ended;
    expect(inspected.stdout).toContain(
      'refused by verify and install, because a key is trusted here: not signed\n',
    );

    // What was built without a signature can be signed later, and is then the very same file.
    await json(['sign', 'plain.tar', '--key', 'lab.key'], passphrase);
    expect(readFileSync(lab.at('plain.tar')).equals(readFileSync(lab.at('lab.tar')))).toBe(true);
  });

  it('is the same, byte for byte, each time it is built with Ed25519', async () => {
    lab.spec(PARTS);
    await json(['keygen', 'lab.key']);
    for (const [out, more] of [
      ['one.tar', []],
      ['other.tar', ['--locked', '--concurrency', '1']],
    ] as const) {
      await json(['build', 'lab.yaml', '-o', out, '--sign-key', 'lab.key', ...more]);
    }
    expect(readFileSync(lab.at('one.tar')).equals(readFileSync(lab.at('other.tar')))).toBe(true);
  });
});

describe('a build', () => {
  it('does not begin when it could not be signed in the end', async () => {
    lab.spec(PARTS);
    const { status, stderr } = await lab.run(['build', 'lab.yaml', '-o', 'lab.tar', '--sign-key', 'none'])
      .ended;
    expect(status).toBe(2);
    expect(stderr).toContain(
      'error: Cannot read signing key "none": there is no such file [ERR_KEY_INVALID]',
    );
    expect(lab.internet.log.entries).toEqual([]);
  });

  it('bears the date that it is given, and never one of its own', async () => {
    lab.spec(PARTS);
    // A variable that other builders read. Here only what is typed counts.
    const env = { SOURCE_DATE_EPOCH: '1724162700' };
    const created = '2026-08-20T14:05:00Z';
    const plain = await json(['build', 'lab.yaml', '-o', 'plain.tar'], env);
    const dated = await json(['build', 'lab.yaml', '-o', 'dated.tar', '--created', created], env);
    const again = await json(['build', 'lab.yaml', '-o', 'again.tar'], { ...env, SOURCE_DATE_EPOCH: '1' });
    expect(again['root']).toBe(plain['root']);
    expect(dated['root']).not.toBe(plain['root']);
    expect(await json(['inspect', 'plain.tar'])).not.toHaveProperty('created');
    expect(await json(['inspect', 'dated.tar'])).toMatchObject({ created });
    expect((await lab.run(['inspect', 'dated.tar']).ended).stdout).toContain(`created ${created}\n`);
    const wrong = await lab.run(['build', 'lab.yaml', '-o', 'x.tar', '--created', 'yesterday']).ended;
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('Cannot date bundle to "yesterday"');
  });
});
