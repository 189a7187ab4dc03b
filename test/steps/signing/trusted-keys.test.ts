import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fingerprintOf } from '../../../src/bundle/signing/signing-key.ts';
import type { Surroundings } from '../../../src/steps/surroundings.ts';
import { trustedKeys } from '../../../src/steps/signing/trusted-keys.ts';
import { testKeys } from '../../support/keys.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const [given, named, standing] = [testKeys(), testKeys('p256'), testKeys()];

/** A key that is given, and where another may be found. */
type Asked = Surroundings & { readonly key?: string | undefined };

interface Home {
  readonly at: (path: string) => string;
  readonly write: (path: string, text: string) => string;
  readonly options: Asked & { readonly env: Record<string, string> };
}

/** A home of a Linux user, empty. */
function home(env: Record<string, string> = {}): Home {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const at = (path: string): string => join(folder.path, path);
  return {
    at,
    write: (path, text) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
      return at(path);
    },
    options: { env, home: folder.path, host: { platform: 'linux', arch: 'x64' } },
  };
}

const USUAL = '.config/saddlebag/trusted.pem';

async function trustedKeysOf({ key, env, home, host }: Asked): ReturnType<typeof trustedKeys> {
  return await trustedKeys(key, { env, home, host });
}

async function fingerprints(options: Asked): Promise<readonly string[] | undefined> {
  return (await trustedKeysOf(options))?.keys.map(fingerprintOf);
}

describe('the trusted key of a host', () => {
  it('is none where none is set', async () => {
    expect(await trustedKeysOf(home().options)).toBeUndefined();
  });

  it('is the one that is given, else that of the variable, else that of the file', async () => {
    const { write, options } = home();
    const key = write('given.pub', given.publicPem);
    const SADDLEBAG_TRUSTED_KEY = write('named.pub', named.publicPem);
    write(USUAL, standing.publicPem);
    const all = { ...options, key, env: { SADDLEBAG_TRUSTED_KEY } };
    expect(await fingerprints(all)).toEqual([fingerprintOf(given.publicKey)]);
    expect(await fingerprints({ ...all, key: undefined })).toEqual([fingerprintOf(named.publicKey)]);
    expect(await fingerprints(options)).toEqual([fingerprintOf(standing.publicKey)]);
  });

  it('may be in the variable itself, and an empty variable is none', async () => {
    const { options } = home({ SADDLEBAG_TRUSTED_KEY: named.publicPem });
    expect(await trustedKeysOf(options)).toMatchObject({ from: 'SADDLEBAG_TRUSTED_KEY' });
    expect(await fingerprints(options)).toEqual([fingerprintOf(named.publicKey)]);
    expect(await fingerprints(home({ SADDLEBAG_TRUSTED_KEY: '' }).options)).toBeUndefined();
  });

  it('may be several, of which any counts: an old and a new one', async () => {
    const { write, options } = home();
    write(USUAL, `${given.publicPem}${named.publicPem}`);
    expect(await fingerprints(options)).toEqual(
      [given, named].map(({ publicKey }) => fingerprintOf(publicKey)),
    );
  });

  it('is where the system keeps configuration', async () => {
    const { at, write, options } = home();
    write('xdg/saddlebag/trusted.pem', named.publicPem);
    write('Library/Application Support/saddlebag/trusted.pem', standing.publicPem);
    expect(await fingerprints({ ...options, env: { XDG_CONFIG_HOME: at('xdg') } })).toEqual([
      fingerprintOf(named.publicKey),
    ]);
    const mac = { platform: 'darwin', arch: 'arm64' };
    expect(await fingerprints({ ...options, host: mac })).toEqual([fingerprintOf(standing.publicKey)]);
  });
});

describe('a trusted key that cannot be read', () => {
  it.each<[string, (home: Home) => Partial<Asked>, string]>([
    ['is given and missing', ({ at }) => ({ key: at('none') }), 'there is no such file'],
    ['is given and a folder', ({ at }) => ({ key: at('') }), 'it is a folder'],
    [
      'is named by the variable and missing',
      ({ at }) => ({ env: { SADDLEBAG_TRUSTED_KEY: at('none') } }),
      'there is no such file',
    ],
    [
      'is in the variable and damaged',
      () => ({ env: { SADDLEBAG_TRUSTED_KEY: given.publicPem.slice(0, -20) } }),
      'it holds no public key in PEM',
    ],
    ['is no key', ({ write }) => (write(USUAL, 'ssh-ed25519 AAAA'), {}), 'it holds no public key in PEM'],
    ['is empty', ({ write }) => (write(USUAL, ''), {}), 'it holds no public key in PEM'],
    ['is a private one', ({ write }) => (write(USUAL, given.privatePem), {}), 'it holds a private key'],
    ['is a folder', ({ write }) => (write(`${USUAL}/x`, ''), {}), 'it is a folder'],
    [
      'is a link that leads nowhere',
      ({ at, write }) => {
        write('.config/saddlebag/other', '');
        symlinkSync('/nowhere', at(USUAL));
        return {};
      },
      'there is no such file',
    ],
    [
      'cannot even be looked at',
      ({ at, write }) => {
        write('.config/x', '');
        symlinkSync(at('.config/saddlebag'), at('.config/saddlebag'));
        return {};
      },
      'Cannot read trusted key',
    ],
    [
      'is far too large',
      ({ write }) => (write(USUAL, 'x'.repeat(300_000)), {}),
      'it is larger than 256.0 KiB',
    ],
    ['is binary', ({ write }) => (write(USUAL, '\0\0'), {}), 'it is not a text file'],
  ])('is an error when it %s', async (_, prepare, fact) => {
    const place = home();
    const error = await thrownBy(trustedKeysOf({ ...place.options, ...prepare(place) }));
    expect(error.code).toBe('ERR_KEY_INVALID');
    expect(error.message).toContain('Cannot read ');
    expect(error.message).toContain(fact);
  });

  it('is none where its folder cannot exist', async () => {
    const { write, options } = home();
    write('.config', 'a file');
    expect(await trustedKeysOf(options)).toBeUndefined();
  });
});
