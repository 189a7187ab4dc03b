import { encodeLock } from '../../src/spec/lock/encode.ts';
import { sampleLock } from '../../test/support/samples/sample-lock.ts';

/** A lock that every reader must refuse. */
export interface LockExample {
  /** Relative to `bundle-spec/examples/`; it begins with the requirement that it breaks. */
  readonly path: string;
  readonly what: string;
  /** Part of the message. */
  readonly says: string;
  readonly bytes: Uint8Array;
}

const REFERENCE = '"docker.io/rancher/rancher:v2.9.2"';

/** What is changed in a valid lock. */
const CHANGES: readonly (readonly [
  name: string,
  what: string,
  says: string,
  change: (text: string) => string,
])[] = [
  [
    'B-LOCK-2-unknown-member',
    'with a member that version 1 does not have',
    'extra',
    (text) => text.replace('"name"', '"extra": 1,\n  "name"'),
  ],
  [
    'B-LOCK-2-upper-case',
    'with a digest in upper case',
    'lower-case hex digits',
    (text) => text.replace(/sha256:[0-9a-f]+/, (digest) => `sha256:${digest.slice(7).toUpperCase()}`),
  ],
  [
    'B-LOCK-2-name-twice',
    'with a reference that is there twice',
    'appears twice',
    (text) => text.replace(REFERENCE, `${REFERENCE}: null,\n    ${REFERENCE}`),
  ],
  [
    'B-LOCK-2-short-name',
    'with a reference that leaves something to guess',
    'full reference',
    (text) => text.replace(REFERENCE, '"rancher/rancher:v2.9.2"'),
  ],
  [
    'B-LOCK-2-query',
    'with a URL that has a query',
    'without user and fragment',
    (text) => text.replace('tool.tar.gz', 'tool.tar.gz?token=secret'),
  ],
  [
    'B-LOCK-2-upper-case-host',
    'with a URL whose host is in upper case',
    'its host in lower case',
    (text) => text.replace('https://example.com/', 'https://Example.com/'),
  ],
  [
    'B-LOCK-2-half-a-byte',
    'with a size that is no whole number',
    'size',
    (text) => text.replace('"size": 7', '"size": 7.5'),
  ],
  ['B-LOCK-2-cut-short', 'that is cut short', 'not JSON', (text) => text.slice(0, -9)],
  [
    'B-LOCK-5-later-version',
    'of a later version, with a member that this one does not have',
    'of version 2',
    (text) => text.replace('"lock": 1', '"lock": 2,\n  "extra": 1'),
  ],
];

/** Returns locks that are wrong in one way each. */
export function invalidLocks(): readonly LockExample[] {
  const text = encodeLock(sampleLock());
  return CHANGES.map(([name, what, says, change]) => {
    return {
      path: `invalid/${name}.lock.json`,
      what: `a lock ${what}`,
      says,
      bytes: Buffer.from(change(text)),
    };
  });
}
