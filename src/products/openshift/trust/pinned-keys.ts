import type { PublicKey } from '../../../internal/openpgp/public-key.ts';

/** A key that signs releases, by the fingerprints that Red Hat publishes at https://access.redhat.com/security/team/key. */
interface PinnedKey {
  readonly title: string;
  readonly fingerprint: string;
  /** SHA-256 over the same bytes, as far as it is known; SHA-1 alone is weak. */
  readonly sha256?: string | undefined;
}

const PINNED: readonly PinnedKey[] = [
  {
    title: 'Red Hat release key 2',
    fingerprint: '567e347ad0044ade55ba8a5f199e2f91fd431d51',
    sha256: 'f8182ff2447ab5ed22e481b0804a29a92007a0854fc3b1ce05c2763a2825236a',
  },
  { title: 'Red Hat beta key 2', fingerprint: 'b08b659ee86af623bc90e8db938a80caf21541eb' },
];

/** Returns what a pinned key is called; `undefined` for any other key. */
export function pinnedTitle({ fingerprint, sha256 }: PublicKey): string | undefined {
  const pinned = PINNED.find((key) => key.fingerprint === fingerprint);
  return pinned?.sha256 === undefined || pinned.sha256 === sha256 ? pinned?.title : undefined;
}
