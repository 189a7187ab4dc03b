import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/oci/digest.ts';
import type { SignResult } from '../../../../src/verbs/signing/sign.ts';
import { type Library, runInMemory } from '../../../support/process/cli.ts';

const SIGNED: SignResult = {
  root: digestOf('root'),
  path: 'lab.tar',
  signer: digestOf('key'),
  removed: 0,
  signatures: 1,
  replaced: false,
};

describe('bundle sign', () => {
  it('hands key and passphrase on, and tells which key signed what', async () => {
    let seen: Parameters<Library['signBundle']> | undefined;
    const sign: Library['signBundle'] = async (...args) => {
      seen = args;
      return SIGNED;
    };
    const env = { SADDLEBAG_KEY_PASSPHRASE: 'secret' };
    const run = await runInMemory(['sign', 'lab.tar', '--key', 'lab.key'], {
      verbs: { signBundle: sign },
      env,
    });
    expect(run).toEqual({
      status: 0,
      stdout: `Signed lab.tar\nkey ${SIGNED.signer}\nroot ${SIGNED.root}\n`,
      stderr:
        'next: over there, with the public key PEM brought another way: bundle verify lab.tar --key PEM\n',
    });
    expect(seen).toMatchObject([
      { path: 'lab.tar', key: 'lab.key' },
      { env },
      { signal: expect.any(AbortSignal) },
    ]);
  });

  it('says that an earlier signature gave way', async () => {
    const verbs = { signBundle: async () => ({ ...SIGNED, replaced: true }) };
    const { stdout } = await runInMemory(['sign', 'lab.tar', '--key', 'lab.key'], { verbs });
    expect(stdout).toMatch(/^Signed lab\.tar, in place of an earlier signature\n/);
    const json = await runInMemory(['sign', 'lab.tar', '--key', 'lab.key', '--json'], { verbs });
    expect(JSON.parse(json.stdout)).toEqual({ ...SIGNED, replaced: true });
  });

  it.each([[[]], [['--key', '']], [['--key=']]])('asks for the key: %j', async (options) => {
    const { status, stdout, stderr } = await runInMemory(['sign', 'lab.tar', ...options]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('error: Cannot run "bundle sign": the option "--key PEM" is missing');
  });
});
