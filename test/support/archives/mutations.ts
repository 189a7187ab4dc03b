import * as fc from 'fast-check';

/** One change to bytes. Places are taken modulo the length, so that one mutation fits bytes of any length. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'write' | 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut' | 'zero' | 'truncate'; readonly at: number; readonly count: number }
  /** Blocks of 512 bytes. */
  | { readonly kind: 'copy' | 'swap'; readonly from: number; readonly to: number };

/** Any byte, any block, and both ends, where headers and directories are. */
const PLACE: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 2 ** 30 }),
  fc.nat({ max: 2 ** 20 }).map((block) => block * 512),
  fc.nat({ max: 200 }),
  fc.nat({ max: 200 }).map((back) => -1 - back),
);
const BYTES = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 16 }),
  fc
    .constantFrom('"', '{}', '../', '\0', '9', '-1', '1e9', 'ustar', '\n\n', ',')
    .map((text) => Buffer.from(text)),
);

/** Changes of every kind. */
export const MUTATION: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: PLACE, bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constantFrom('write' as const, 'insert' as const), at: PLACE, bytes: BYTES }),
  fc.record({
    kind: fc.constantFrom('cut' as const, 'zero' as const, 'truncate' as const),
    at: PLACE,
    count: fc.oneof(
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 1, max: 8 }).map((count) => count * 512),
    ),
  }),
  fc.record({ kind: fc.constantFrom('copy' as const, 'swap' as const), from: PLACE, to: PLACE }),
);

/** Returns bytes changed. */
export function mutated(bytes: Uint8Array, mutation: Mutation): Buffer {
  const place = (at: number): number =>
    bytes.length === 0 ? 0 : ((at % bytes.length) + bytes.length) % bytes.length;
  const copy = Buffer.from(bytes);
  if ('from' in mutation) {
    const block = (at: number): number => Math.floor(place(at) / 512) * 512;
    return blocksMoved(bytes, { ...mutation, from: block(mutation.from), to: block(mutation.to) });
  }
  const at = place(mutation.at);
  if ('bit' in mutation) {
    if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ (1 << mutation.bit), at);
    return copy;
  }
  if ('bytes' in mutation) {
    const behind = mutation.kind === 'insert' ? at : at + mutation.bytes.length;
    return Buffer.concat([copy.subarray(0, at), mutation.bytes, copy.subarray(behind)]);
  }
  const end = Math.min(at + mutation.count, copy.length);
  if (mutation.kind === 'zero') return copy.fill(0, at, end);
  return Buffer.concat([
    copy.subarray(0, at),
    mutation.kind === 'cut' ? copy.subarray(end) : Buffer.alloc(0),
  ]);
}

function blocksMoved(
  bytes: Uint8Array,
  { kind, from, to }: { readonly kind: 'copy' | 'swap'; readonly from: number; readonly to: number },
): Buffer {
  const copy = Buffer.from(bytes);
  const put = (source: number, target: number): void =>
    copy.set(bytes.subarray(source, Math.min(source + 512, source + bytes.length - target)), target);
  put(from, to);
  if (kind === 'swap') put(to, from);
  return copy;
}

/** What takes the place of something in a document. */
const INSTEAD: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(0, -1, 1.5, 2 ** 53, 1e308, '', '../../evil', 'a\u001b[2J', [], {}, null, true),
  fc.constantFrom(
    `sha256:${'0'.repeat(64)}`,
    `sha256:${'A'.repeat(64)}`,
    '1.1',
    '2.0',
    'docker.io/library/evil:1',
  ),
);

/** A change to a JSON document: at the place with this number, counted in any order, something else, nothing, or twice the same. */
export interface DocumentMutation {
  readonly place: number;
  readonly kind: 'replace' | 'remove' | 'double' | 'add';
  readonly value: unknown;
}

export const DOCUMENT_MUTATION: fc.Arbitrary<DocumentMutation> = fc.record({
  place: fc.nat({ max: 100_000 }),
  kind: fc.constantFrom('replace' as const, 'remove' as const, 'double' as const, 'add' as const),
  value: INSTEAD,
});

/** Returns a JSON text changed. */
export function mutatedDocument(json: string, { place, kind, value }: DocumentMutation): string {
  let count = 0;
  const tally: unknown = JSON.parse(json, (_, one: unknown) => ((count += 1), one));
  const chosen = place % count;
  let at = 0;
  const changed: unknown = JSON.parse(JSON.stringify(tally), (_, one: unknown) => {
    at += 1;
    if (at - 1 !== chosen) return one;
    if (kind === 'replace') return value;
    if (kind === 'remove') return undefined;
    if (Array.isArray(one)) return kind === 'double' ? [...one, ...one] : [...one, value];
    return typeof one === 'object' && one !== null ? { ...one, news: value } : value;
  });
  return `${JSON.stringify(changed ?? null, null, 2)}\n`;
}
