import * as fc from 'fast-check';
import { rawEntry, type RawEntry } from './raw-tar.ts';

/** Where a header has what (bytes; POSIX ustar). */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  time: [136, 12],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  ownerName: [265, 32],
  groupName: [297, 32],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
  rest: [500, 12],
} as const;
type Field = keyof typeof FIELDS;

/** A change that a program which knows tars would make, out of ignorance or malice. */
export type TarMutation =
  | { readonly kind: 'field'; readonly at: number; readonly field: Field; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly entry: RawEntry }
  | { readonly kind: 'double' | 'remove'; readonly at: number }
  | { readonly kind: 'move'; readonly at: number; readonly to: number }
  | { readonly kind: 'behind'; readonly bytes: Uint8Array };

const PATHS = [
  'blobs/',
  'blobs/sha256/',
  './',
  '.',
  '/',
  '',
  'Blobs/',
  'bundle.json',
  'bundle.json/',
  './bundle.json',
  'index.json/x',
  '../x',
  '../',
  'x',
  'notes/',
  'blobs//',
  'a\\b',
  'CON/',
  'ı/',
  'I/',
  '\u00e4/',
  'a\u0308/',
  'x'.repeat(99),
];
const NUMBERS = [
  '0000000\0',
  '000644 \0',
  '0000000 ',
  '       \0',
  '\0\0\0\0\0\0\0\0',
  '        ',
  '00000-1\0',
  '-000001\0',
  '+000001\0',
  '0o00001\0',
  '00_0644\0',
  '0000009\0',
  '\x80\0\0\0\0\0\0\x01',
  '\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x00000644\0',
  '7777777\0',
  '77777777',
  'garbage!',
  '00000000000\0',
  '00000001000\0',
  '0000000100 \0',
  '\x80\0\0\0\0\0\0\0\0\0\0\x09',
  '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
];
const TEXTS = [...PATHS, 'ustar\x0000', 'ustar  \0', 'ustar\0\0\0', 'a\0b', '\xff\xfe', 'root', 'tar\0'];
const TYPES = [...'0 1 2 3 4 5 6 7 x g L K S M V D N X A Z'.split(' '), '\0', ' '];

const bytes = (texts: readonly string[]): fc.Arbitrary<Uint8Array> =>
  fc.constantFrom(...texts).map((text) => Buffer.from(text, 'latin1'));
const place = fc.nat({ max: 1000 });

/** Changes that keep checksums right, so that they are about what headers say. */
export const TAR_MUTATION: fc.Arbitrary<TarMutation> = fc.oneof(
  fc.record({
    kind: fc.constant('field' as const),
    at: place,
    field: fc.constantFrom<Field>('mode', 'owner', 'group', 'size', 'time', 'major', 'minor'),
    bytes: bytes(NUMBERS),
  }),
  fc.record({
    kind: fc.constant('field' as const),
    at: place,
    field: fc.constantFrom<Field>('name', 'link', 'magic', 'ownerName', 'groupName', 'prefix', 'rest'),
    bytes: fc.oneof(bytes(TEXTS), fc.uint8Array({ maxLength: 8 })),
  }),
  fc.record({
    kind: fc.constant('field' as const),
    at: place,
    field: fc.constant<Field>('type'),
    bytes: bytes(TYPES),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    entry: fc.record({
      path: fc.constantFrom(...PATHS),
      type: fc.constantFrom('5', '5', '5', ...TYPES),
      bytes: fc.constantFrom('', '', 'x'),
      mode: fc.constantFrom(0o755, 0o644, 0, 0o4755, 0o555, 0o40755),
      magic: fc.constantFrom('ustar\x0000', 'ustar  \0'),
    }),
  }),
  fc.record({ kind: fc.constantFrom('double' as const, 'remove' as const), at: place }),
  fc.record({ kind: fc.constant('move' as const), at: place, to: place }),
  fc.record({
    kind: fc.constant('behind' as const),
    bytes: fc.constantFrom(Buffer.alloc(512), Buffer.alloc(9000), Buffer.from('x'), Buffer.alloc(1)),
  }),
);

/** Returns a tar changed. Places are taken modulo the number of entries. */
export function mutatedTar(tar: Uint8Array, mutation: TarMutation): Buffer {
  const { entries, end } = entriesOf(Buffer.from(tar));
  const at = 'at' in mutation ? mutation.at % Math.max(1, entries.length) : 0;
  if (mutation.kind === 'behind') return Buffer.concat([tar, mutation.bytes]);
  const entry = entries[at] ?? Buffer.alloc(0);
  if (mutation.kind === 'field') entries[at] = withField(entry, mutation.field, mutation.bytes);
  else if (mutation.kind === 'insert') entries.splice(at, 0, rawEntry(mutation.entry));
  else if (mutation.kind === 'double') entries.splice(at, 0, entry);
  else entries.splice(at, 1);
  if (mutation.kind === 'move') entries.splice(mutation.to % (entries.length + 1), 0, entry);
  return Buffer.concat([...entries, end]);
}

/** Each entry with its content and padding, as far as headers can be made sense of. */
function entriesOf(tar: Buffer): { readonly entries: Buffer[]; readonly end: Buffer } {
  const entries: Buffer[] = [];
  let next = 0;
  while (next + 512 <= tar.length && tar[next] !== 0) {
    const size = Number.parseInt(tar.toString('latin1', next + 124, next + 136), 8);
    if (Number.isNaN(size)) break;
    const length = 512 + Math.ceil(size / 512) * 512;
    entries.push(tar.subarray(next, next + length));
    next += length;
  }
  return { entries, end: tar.subarray(next) };
}

function withField(entry: Buffer, field: Field, value: Uint8Array): Buffer {
  if (entry.length < 512) return entry;
  const copy = Buffer.from(entry);
  const [start, length] = FIELDS[field];
  // A value for a longer or a shorter field leaves the rest as it is.
  copy.set(value.subarray(0, length), start);
  if (field === 'name' || field === 'prefix')
    copy.fill(0, start + Math.min(value.length, length), start + length);
  copy.fill(' ', 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return copy;
}
