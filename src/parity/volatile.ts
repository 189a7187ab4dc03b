/**
 * Bytes of a bundle that signing changes: its signature, and in a zip the checksums of it. In shards they count as zeros,
 * so that a parity file stays right when the bundle is signed, and the parity file has them itself.
 */
export interface Volatile {
  /** In the bundle (bytes). */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Puts zeros, in place, wherever `shard`, which begins at `position`, has volatile bytes. */
export function blank(shard: Uint8Array, position: number, volatile: readonly Volatile[]): void {
  overlay(shard, position, volatile, (target) => target.fill(0));
}

/** Puts the volatile bytes, in place, where `shard` has them. */
export function restore(shard: Uint8Array, position: number, volatile: readonly Volatile[]): void {
  overlay(shard, position, volatile, (target, bytes) => target.set(bytes));
}

function overlay(
  shard: Uint8Array,
  position: number,
  volatile: readonly Volatile[],
  put: (target: Uint8Array, bytes: Uint8Array) => void,
): void {
  for (const { position: at, bytes } of volatile) {
    const start = Math.max(at, position);
    const end = Math.min(at + bytes.length, position + shard.length);
    if (start < end)
      put(shard.subarray(start - position, end - position), bytes.subarray(start - at, end - at));
  }
}
