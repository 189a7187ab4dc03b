import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { readPublicKeys } from '../../../src/internal/openpgp/public-key.ts';
import { verifySignedMessage } from '../../../src/internal/openpgp/signed-message.ts';
import { composeMessage, handMadeKey } from '../../support/openpgp.ts';
import { type Gpg, startGpg } from '../../support/peers/gpg.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const CONTENT = Buffer.from(`{"critical": "${'x'.repeat(1200)}"}\n`);
const NOW = Date.parse('2026-01-01T00:00:00Z');
const key = handMadeKey();
const keys = readPublicKeys(key.keyring, 'the test');

describe('a signed message', () => {
  it.each([
    ['version 4', {}],
    ['version 4, compressed as Red Hat signs', { form: 'compressed' }],
    ['version 4, in parts as the CI of OpenShift signs', { form: 'partial' }],
    ['version 3', { version: 3 }],
    ['version 3, compressed', { version: 3, form: 'compressed' }],
    ['version 3, in parts', { version: 3, form: 'partial' }],
    ['SHA-512', { hash: 'sha512' }],
    ['a lifetime that has not ended', { created: NOW / 1000 - 60, lifetime: 61 }],
  ] as const)('of %s gives its content and its signer', (_, options) => {
    const message = composeMessage(CONTENT, key, options);
    const { content, fingerprint } = verifySignedMessage(message, keys, NOW);
    expect({ content: Buffer.from(content), fingerprint }).toEqual({
      content: CONTENT,
      fingerprint: key.fingerprint,
    });
  });

  it.each([
    [
      'for other content',
      composeMessage(CONTENT, key, { signed: Buffer.from('other') }),
      'it is for other content',
    ],
    [
      'of version 3 for other content',
      composeMessage(CONTENT, key, { version: 3, signed: Buffer.from('other') }),
      'it is for other content',
    ],
    ['by another key', composeMessage(CONTENT, handMadeKey()), 'which is not trusted'],
    [
      'of version 3 by another key',
      composeMessage(CONTENT, handMadeKey(), { version: 3 }),
      'which is not trusted',
    ],
    [
      'by a key that only claims its name',
      composeMessage(CONTENT, { ...handMadeKey(), fingerprint: key.fingerprint }),
      'the key did not make it',
    ],
    [
      'expired',
      composeMessage(CONTENT, key, { created: NOW / 1000 - 60, lifetime: 59 }),
      'it expired at 2025-12-31T23:59:59.000Z',
    ],
    ['with SHA-1', composeMessage(CONTENT, key, { hash: 'sha1' }), 'its hash algorithm 2 is not trusted'],
    ['that is text', Buffer.from('<html>not found</html>'), 'a packet has no header'],
    ['that is empty', Buffer.alloc(0), 'it has no content'],
    ['that is a key', key.keyring, 'it has no content'],
    ['in an unknown compression', Buffer.from([0xa3, 3, 1, 2, 3]), 'it is compressed with algorithm 3'],
    ['that does not decompress', Buffer.from([0xa3, 1, 0xff, 0xff]), 'it cannot be decompressed'],
    [
      'with something behind it',
      Buffer.concat([composeMessage(CONTENT, key), composeMessage(CONTENT, key)]),
      'it is not signed content and nothing else',
    ],
    [
      'without its signature',
      composeMessage(CONTENT, key).subarray(0, 18 + 5 + 9 + CONTENT.length),
      'it is not signed content and nothing else',
    ],
    ['of content alone', Buffer.from([0xcb, 6, 0x62, 0, 0, 0, 0, 0]), 'it is not signed'],
  ])('%s is refused', (_, message, fact) => {
    expect(() => verifySignedMessage(message, keys, NOW)).toThrow(fact);
  });

  it.each([
    ['version 3', { version: 3 }],
    ['version 4', {}],
    ['version 3, in parts', { version: 3, form: 'partial' }],
    ['version 4, compressed', { form: 'compressed' }],
  ] as const)('of %s says the same or is refused, whichever of its bits is turned', (_, options) => {
    const message = composeMessage(CONTENT.subarray(0, 600), key, options);
    const survivors = [...message].flatMap((byte, at) => {
      const mutants = [1, 0x80].map((bit) => message.with(at, byte ^ bit));
      return mutants.flatMap((mutant) => outcome(mutant));
    });
    expect(new Set(survivors)).toEqual(
      new Set([`${key.fingerprint} ${CONTENT.subarray(0, 600).toString()}`]),
    );
  });

  it.each([3, 4] as const)('of version %i is refused, wherever it is cut', (version) => {
    const message = composeMessage(CONTENT.subarray(0, 300), key, { version });
    const survivors = [...message.keys()].flatMap((length) => outcome(message.subarray(0, length)));
    expect(survivors).toEqual([]);
  });
});

/** What a message says, or nothing when it is refused by an error of ours. */
function outcome(message: Uint8Array): readonly string[] {
  try {
    const { content, fingerprint } = verifySignedMessage(message, keys, NOW);
    return [`${fingerprint} ${Buffer.from(content).toString()}`];
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_SIGNATURE_INVALID')) throw error;
    return [];
  }
}

describe('what GnuPG makes', () => {
  let gpg: Gpg;
  beforeAll(() => {
    gpg = startGpg();
  });
  afterAll(() => gpg[Symbol.dispose]());

  it.each([
    ['as it comes', []],
    ['uncompressed', ['-z', '0']],
    ['compressed with zlib', ['--compress-algo', 'zlib']],
    ['as text', ['--textmode']],
    ['with SHA-512', ['--digest-algo', 'SHA512']],
    ['with a lifetime', ['--default-sig-expire', '30d']],
    ['large enough to come in parts', []],
  ])('is verified: %s', (name, options) => {
    const fingerprint = gpg.makeKey(`signer ${name}`);
    const content = name.startsWith('large') ? randomBytes(100_000) : CONTENT;
    const [trusted, stranger] = [gpg.exportKey(fingerprint), key.keyring];
    const message = gpg.sign(content, fingerprint, options);
    const verified = verifySignedMessage(message, readPublicKeys(trusted, 'gpg'), Date.now());
    expect(verified.fingerprint).toBe(fingerprint);
    // Of a text, GnuPG sends the lines as it signs them.
    const sent = name === 'as text' ? Buffer.from(content.toString().replaceAll('\n', '\r\n')) : content;
    expect(Buffer.from(verified.content).equals(sent)).toBe(true);
    expect(() => verifySignedMessage(message, readPublicKeys(stranger, 'us'), Date.now())).toThrow(
      'not trusted',
    );
  });

  it('is verified when a subkey signed, and refused when that belongs to nobody', () => {
    const fingerprint = gpg.makeKey('with a subkey');
    gpg.addSigningSubkey(fingerprint);
    const listed = gpg.run(['--with-colons', '--list-keys', fingerprint]).toString();
    const subkey = [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)?.[1] ?? '';
    const message = gpg.sign(CONTENT, `${subkey}!`);
    const whole = gpg.exportKey(fingerprint);
    const found = verifySignedMessage(message, readPublicKeys(whole, 'gpg'), Date.now());
    expect(found.fingerprint).toBe(fingerprint);
    // The same subkey behind another primary key.
    const other = gpg.makeKey('another');
    const ours = gpg.run(['--export', fingerprint]);
    const stolen = Buffer.concat([gpg.run(['--export', other]), tailOfSubkey(ours)]);
    expect(() => verifySignedMessage(message, readPublicKeys(stolen, 'gpg'), Date.now())).toThrow(
      'not trusted',
    );
  });

  it('reads several armored keys in a row, with comments between', () => {
    const fingerprints = ['first', 'second'].map((user) => gpg.makeKey(user));
    const text = fingerprints.map((each) => `# ${each}\n${gpg.exportKey(each).toString()}`).join('\n\n');
    expect(readPublicKeys(Buffer.from(text), 'both').map(({ fingerprint }) => fingerprint)).toEqual(
      fingerprints,
    );
  });

  it('agrees with us about messages that no current program makes', () => {
    using folder = temporaryFolder();
    const ring = join(folder.path, 'ring.gpg');
    writeFileSync(ring, key.keyring);
    for (const version of [3, 4] as const) {
      const file = join(folder.path, 'message');
      writeFileSync(file, composeMessage(CONTENT, key, { version, form: 'compressed' }));
      const args = [
        '--homedir',
        folder.path,
        '--keyring',
        ring,
        '--status-fd',
        '1',
        '--output',
        '/dev/null',
        file,
      ];
      const said = execFileSync('gpgv', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
      expect(said).toContain(`VALIDSIG ${key.fingerprint.toUpperCase()}`);
    }
  });
});

/** Returns the packets of the last subkey, found by their old-format headers. */
function tailOfSubkey(keyring: Buffer): Buffer {
  let start = 0;
  for (let at = 0; at < keyring.length;) {
    const head = keyring[at] ?? 0;
    const size = 2 ** (head & 3);
    if (((head >> 2) & 0x0f) === 14) start = at;
    at += 1 + size + keyring.readUIntBE(at + 1, size);
  }
  return keyring.subarray(start);
}

describe('a keyring', () => {
  it.each([
    ['text', Buffer.from('no key')],
    [
      'an armored private key',
      Buffer.from('-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n'),
    ],
    ['a cut key', key.keyring.subarray(0, 100)],
    ['nothing', Buffer.alloc(0)],
    ['more than any keyring', Buffer.alloc(1024 * 1024 + 1, 0x99)],
    ['a message', composeMessage(CONTENT, key)],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => readPublicKeys(bytes, '"release.gpg"')).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_INVALID' }),
    );
  });
});
