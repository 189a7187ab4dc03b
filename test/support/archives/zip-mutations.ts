import * as fc from 'fast-check';
import { rawDescriptor, rawExtra, rawZip64Extra, type RawZipEntry } from './raw-zip.ts';

/** A change that a program which knows zips would make, out of ignorance or malice. */
export type ZipMutation =
  | { readonly kind: 'change'; readonly at: number; readonly change: Partial<RawZipEntry> }
  | { readonly kind: 'insert'; readonly at: number; readonly entry: RawZipEntry }
  | { readonly kind: 'later'; readonly at: number; readonly form: Parameters<typeof rawDescriptor>[1] }
  | { readonly kind: 'double' | 'remove'; readonly at: number }
  | { readonly kind: 'move'; readonly at: number; readonly to: number };

const PATHS = [
  'blobs/',
  'blobs/sha256/',
  './',
  '/',
  '',
  'Blobs/',
  'bundle.json/',
  'bundle.json;1',
  './bundle.json',
  'index.json/x',
  '../x',
  '../',
  'notes/',
  'blobs//',
  'a\\b/',
  'CON/',
  '\u00e4/',
  'a\u0308/',
];
const EXTRAS = [
  Buffer.alloc(0),
  rawZip64Extra(),
  rawZip64Extra(1),
  rawExtra(0x7075, Buffer.from('\u0001....evil', 'latin1')),
  rawExtra(0x5455, Buffer.from([1, 0, 0, 0, 0])),
  rawExtra(0x7875, Buffer.from([1, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0])),
  rawExtra(0x756e, Buffer.alloc(14)),
  rawExtra(0x000d, Buffer.alloc(12)),
  rawExtra(0x9901, Buffer.from([2, 0, 0x41, 0x45, 3, 0, 0])),
  Buffer.from([1, 2, 3]),
];
const bit = fc.nat({ max: 15 }).map((at) => 0x800 ^ (1 << at));
const fields = fc.record(
  {
    needed: fc.constantFrom(10, 20, 45, 46, 63, 99, 0x0214, 0xff14),
    flags: fc.oneof(bit, fc.constantFrom(0, 0x800, 0x808)),
    method: fc.constantFrom(0, 0, 8, 12, 99),
    crc: fc.constantFrom(0, 1, 0xffffffff),
    stored: fc.constantFrom(0, 1, 9, 0xffffffff),
    size: fc.constantFrom(0, 1, 9, 0xffffffff),
    extra: fc.constantFrom(...EXTRAS),
    name: fc.constantFrom(...PATHS, 'bundle.json', 'index.JSON', 'h\u00e4llo'),
  },
  { requiredKeys: [] },
);
const one = fields.chain((all) => {
  const keys = Object.entries(all);
  return keys.length === 0
    ? fc.constant({})
    : fc.constantFrom(...keys).map(([key, value]) => ({ [key]: value }));
});
const MODES = [0, 0o100644, 0o100755, 0o100000, 0o104755, 0o102755, 0o120777, 0o040755, 0o010644, 0o100200];
const central = fc.record(
  {
    attributes: fc
      .tuple(fc.constantFrom(...MODES), fc.constantFrom(0, 1, 0x10, 0x20))
      .map(([mode, dos]) => mode * 65_536 + dos),
    madeBy: fc.tuple(fc.nat({ max: 32 }), fc.constantFrom(20, 45, 63)).map(([host, by]) => host * 256 + by),
    disk: fc.constantFrom(0, 1, 0xffff),
    comment: fc.constantFrom('', 'x', 'PK\u0005\u0006'),
    header: fc.constantFrom(0, 1, 0xffffffff),
  },
  { requiredKeys: [] },
);
const place = fc.nat({ max: 1000 });

export const ZIP_MUTATION: fc.Arbitrary<ZipMutation> = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    at: place,
    change: fc.oneof(
      one.map((both) => ({ both })),
      one.map((local) => ({ local })),
      one.map((own) => ({ central: own })),
      central.map((own) => ({ central: own })),
      fc.constantFrom('x', 'PK\u0003\u0004', 'PK\u0001\u0002').map((text) => ({ behind: Buffer.from(text) })),
    ),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    entry: fc.record({
      path: fc.constantFrom(...PATHS),
      bytes: fc.constantFrom('', '', 'x'),
      central: fc.constantFrom(...MODES, 0o040755, 0o040755).map((mode) => ({ attributes: mode * 65_536 })),
    }),
  }),
  fc.record({
    kind: fc.constant('later' as const),
    at: place,
    form: fc.record({ signed: fc.boolean(), large: fc.boolean() }),
  }),
  fc.record({ kind: fc.constantFrom('double' as const, 'remove' as const), at: place }),
  fc.record({ kind: fc.constant('move' as const), at: place, to: place }),
);

/** Returns the entries of a zip changed. Places are taken modulo their number. */
export function mutatedEntries(entries: readonly RawZipEntry[], mutation: ZipMutation): RawZipEntry[] {
  const changed = [...entries];
  const at = mutation.at % Math.max(1, entries.length);
  const entry = entries[at] ?? { path: 'x' };
  if (mutation.kind === 'change') changed[at] = merged(entry, mutation.change);
  else if (mutation.kind === 'insert') changed.splice(at, 0, mutation.entry);
  else if (mutation.kind === 'double') changed.splice(at, 0, entry);
  else if (mutation.kind === 'later')
    changed[at] = merged(entry, {
      both: { flags: 0x808 },
      local: { crc: 0, stored: 0, size: 0 },
      behind: rawDescriptor(Buffer.from(entry.bytes ?? ''), mutation.form),
    });
  else changed.splice(at, 1);
  if (mutation.kind === 'move') changed.splice(mutation.to % (changed.length + 1), 0, entry);
  return changed;
}

function merged(entry: RawZipEntry, change: Partial<RawZipEntry>): RawZipEntry {
  const { both, local, central: own } = change;
  return {
    ...entry,
    ...change,
    both: { ...entry.both, ...both },
    local: { ...entry.local, ...local },
    central: { ...entry.central, ...own },
  };
}
