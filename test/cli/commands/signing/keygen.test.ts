import { describe, expect, it } from 'vitest';
import type { KeygenResult } from '../../../../src/verbs/signing/keygen.ts';
import { digestOf } from '../../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../../support/process/cli.ts';

const MADE: KeygenResult = {
  type: 'ed25519',
  privateKey: 'lab.key',
  publicKey: 'lab.key.pub',
  fingerprint: digestOf('key'),
  encrypted: false,
};

describe('bundle keygen', () => {
  it.each([
    [[], undefined],
    [['--type', 'p256'], 'p256'],
    [['--type=ed25519'], 'ed25519'],
  ])('hands the type on: %j', async (options, type) => {
    let seen: Parameters<Library['generateKeys']> | undefined;
    const keygen: Library['generateKeys'] = async (...args) => {
      seen = args;
      return MADE;
    };
    const { status } = await runInMemory(['keygen', 'lab.key', ...options], {
      verbs: { generateKeys: keygen },
      env: { A: 'b' },
    });
    expect(status).toBe(0);
    expect(seen).toMatchObject([{ path: 'lab.key', type }, { env: { A: 'b' } }]);
  });

  it('says which half goes where, the fingerprint last', async () => {
    const { stdout } = await runInMemory(['keygen', 'lab.key'], {
      verbs: { generateKeys: async () => MADE },
    });
    expect(stdout).toBe(
      [
        'Made a pair of keys',
        '  private  lab.key      signs; not encrypted: keep it safe',
        '  public   lab.key.pub  for the hosts that verify',
        `key ${MADE.fingerprint}`,
        '',
      ].join('\n'),
    );
    const verbs = { generateKeys: async () => ({ ...MADE, encrypted: true }) };
    expect((await runInMemory(['keygen', 'lab.key'], { verbs })).stdout).toContain('signs; encrypted\n');
    const json = await runInMemory(['keygen', 'lab.key', '--json'], { verbs });
    expect(JSON.parse(json.stdout)).toEqual({ ...MADE, encrypted: true });
  });

  it('knows two types', async () => {
    const { status, stderr } = await runInMemory(['keygen', 'lab.key', '--type', 'rsa']);
    expect(status).toBe(2);
    expect(stderr).toContain('Cannot use --type "rsa": expected ed25519, p256');
  });
});
