/** Returns the start of a zstd stream whose reader needs a window of `2 ** exponent` bytes (RFC 8878, section 3.1.1.1). */
export function zstdHead(exponent: number): Uint8Array {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (exponent - 10) << 3, ...Buffer.alloc(20)]);
}
