const MAGIC = 0xfd2fb528;
/** Magic, frame header descriptor, window descriptor (1) or dictionary id (4) and content size (8). */
export const ZSTD_HEADER_LENGTH: number = 18;

/**
 * Returns the memory (bytes) needed to read the first frame of a zstd stream, from its first {@link ZSTD_HEADER_LENGTH}
 * bytes; `undefined` when they are not zstd. RFC 8878, section 3.1.1.1.
 */
export function zstdWindow(head: Uint8Array): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 6 || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (isSingleSegment) return contentSize(view, descriptor);
  const window = view.getUint8(5);
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}

/** A single-segment frame needs memory for its whole content. */
function contentSize(view: DataView, descriptor: number): number | undefined {
  const offset = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const length = [1, 2, 4, 8][descriptor >> 6] ?? 8;
  if (view.byteLength < offset + length) return undefined;
  if (length === 1) return view.getUint8(offset);
  // Two-byte sizes start at 256, because smaller ones fit into one byte.
  if (length === 2) return view.getUint16(offset, true) + 256;
  return length === 4 ? view.getUint32(offset, true) : Number(view.getBigUint64(offset, true));
}
