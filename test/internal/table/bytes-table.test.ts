import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { BytesTable } from '../../../src/internal/table/bytes-table.ts';

const SIZES = [0, 1, 700, 40_000, 32_768, 32_769, 100_000, 131_072, 5, 300_000];

const keyOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a table of bytes', () => {
  it('gives pieces back as they came, whatever their size', () => {
    const pieces = Array.from({ length: 400 }, (_, number) =>
      Buffer.alloc(SIZES[number % SIZES.length] ?? 0, `piece ${number} `),
    );
    const held = new BytesTable();
    for (const bytes of pieces) held.add(keyOf(bytes), bytes);
    for (const bytes of pieces)
      expect(Buffer.compare(held.get(keyOf(bytes)) ?? Buffer.from('none'), bytes)).toBe(0);
    expect(held.get(keyOf('another'))).toBeUndefined();
    expect(held.get(`key ${keyOf(pieces[2] ?? '')}`, 4)?.length).toBe(700);
  });

  it('keeps a piece as it is when its memory is used again, and when it comes again', () => {
    const held = new BytesTable();
    const bytes = Buffer.from('text');
    const digest = keyOf(bytes);
    held.add(digest, bytes);
    bytes.fill(0);
    held.add(digest, bytes);
    expect(Buffer.from(held.get(digest) ?? []).toString()).toBe('text');
  });
});
