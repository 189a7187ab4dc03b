import { deflateRawSync } from 'node:zlib';
import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { type RawEntry, rawEntry } from '../../test/support/archives/raw-tar.ts';
import { rawExtra, rawZip, type RawZipEntry } from '../../test/support/archives/raw-zip.ts';
import { type Files, filesOf, HELLO, IMAGE, INDEX } from './content.ts';
import { type Breach, type Example, invalid } from './example.ts';
import { tarOf } from './valid.ts';

const INVALID = 'ERR_ARCHIVE_INVALID';
type About = Omit<Breach, 'requirement' | 'code'> & { readonly what: string };

/** Valid bundles in archives that two programs could read differently. */
export function invalidArchives(): readonly Example[] {
  return [...tars(), ...zips(), ...volumes()];
}

function tars(): readonly Example[] {
  const tar = tarOf(filesOf([]));
  const of = (name: string, bytes: Uint8Array, about: About): Example =>
    invalid(`${name}.tar`, bytes, { code: INVALID, ...about });
  const end = Buffer.alloc(1024);
  const withEntry = (name: string, entry: RawEntry, about: About): Example =>
    of(name, Buffer.concat([tar.subarray(0, -1024), rawEntry(entry), end]), about);
  const first = tar.subarray(0, 1024);
  const evil = { bytes: 'x', magic: 'ustar  \0' };
  return [
    withEntry(
      'B-PATH-1-escaping-member',
      { path: '../evil', bytes: 'x' },
      { what: 'with a member that leads out', says: '".."' },
    ),
    withEntry(
      'B-PATH-1-absolute-member',
      { path: '/etc/evil', bytes: 'x' },
      { what: 'with a member that begins at the root', says: 'absolute' },
    ),
    withEntry(
      'B-PATH-1-drive',
      { path: 'C:\\evil', bytes: 'x' },
      { what: 'with a member that names a drive', says: 'the character' },
    ),
    withEntry(
      'B-PATH-2-duplicate-member',
      { path: LAYOUT.document, bytes: '{}' },
      { what: 'with a second bundle.json', says: 'it appears twice' },
    ),
    withEntry(
      'B-PATH-2-other-case',
      { path: 'BUNDLE.json', bytes: '{}' },
      { what: 'with a second bundle.json on disks that ignore case', says: 'treat the two as one' },
    ),
    withEntry(
      'B-PATH-2-file-and-folder',
      { path: 'bundle.json/x', bytes: 'x' },
      { what: 'with a path that is a file and a folder', says: 'a file and a folder' },
    ),
    withEntry(
      'B-PATH-3-symbolic-link',
      { path: 'link', type: '2', link: '/etc' },
      { what: 'with a symbolic link', says: 'symbolic link' },
    ),
    withEntry(
      'B-PATH-3-hard-link',
      { path: 'link', type: '1', link: LAYOUT.document },
      { what: 'with a hard link', says: 'hard link' },
    ),
    withEntry(
      'B-PATH-3-device',
      { path: 'tty', type: '3' },
      { what: 'with a device', says: 'character device' },
    ),
    withEntry(
      'B-TAR-3-pax-header',
      { path: 'PaxHeaders/x', type: 'x', bytes: '19 path=../../evil\n' },
      { what: 'with a PAX header', says: 'PAX extended header' },
    ),
    withEntry(
      'B-TAR-3-pax-global-header',
      { path: 'pax_global_header', type: 'g', bytes: '19 path=../../evil\n' },
      { what: 'with a global PAX header', says: 'PAX global header' },
    ),
    withEntry(
      'B-TAR-3-gnu-long-name',
      { path: '././@LongLink', type: 'L', ...evil },
      { what: 'with a long name in the way of GNU', says: 'GNU long name' },
    ),
    withEntry(
      'B-TAR-3-sparse',
      { path: 'hole', type: 'S', ...evil },
      { what: 'with a sparse file', says: 'sparse file' },
    ),
    withEntry(
      'B-TAR-4-wrong-checksum',
      { path: 'x', bytes: 'x', checksum: '0000000\0' },
      { what: 'with a header whose checksum is wrong', says: 'its checksum is wrong' },
    ),
    withEntry(
      'B-TAR-4-negative-size',
      { path: 'x', bytes: 'x', size: Buffer.alloc(12, 0xff) },
      { what: 'with a size below zero', says: 'not a whole number' },
    ),
    withEntry(
      'B-TAR-4-not-ustar',
      { path: 'x', bytes: 'x', magic: '\0\0\0\0\0\0\0\0' },
      { what: 'with a header of another format', says: 'not of the ustar format' },
    ),
    withEntry(
      'B-TAR-5-size-too-small',
      { path: 'x', bytes: 'x'.repeat(600), size: 9 },
      { what: 'with a size that is less than there is', says: 'belong to nothing' },
    ),
    withEntry(
      'B-TAR-6-size-too-large',
      { path: 'x', bytes: 'x', size: 1e6 },
      { what: 'with a size that is more than there is', says: 'missing' },
    ),
    of('B-TAR-5-padding', Buffer.concat([Buffer.from(first).fill('x', 1020), tar.subarray(1024)]), {
      what: 'with something hidden behind a file',
      says: 'belong to nothing',
    }),
    of('B-TAR-5-behind-the-end', Buffer.concat([tar, Buffer.from('x')]), {
      what: 'with something behind its end',
      says: 'something follows its end mark',
    }),
    of('B-TAR-5-two-archives', Buffer.concat([tar, tar]), {
      what: 'with a second tar behind it',
      says: 'something follows its end mark',
    }),
    of('B-TAR-6-cut-short', tar.subarray(0, -1600), { what: 'of which the end is missing', says: 'missing' }),
    of('B-TAR-6-no-end-mark', tar.subarray(0, -512), {
      what: 'with half of its end mark',
      says: 'end mark are missing',
    }),
  ];
}

function zips(): readonly Example[] {
  const files = filesOf([]);
  const entries = entriesOf(files);
  const of = (name: string, bytes: Uint8Array, about: About): Example =>
    invalid(`${name}.zip`, bytes, { code: INVALID, ...about });
  const changed = (change: Partial<RawZipEntry>): Buffer =>
    rawZip(entries.map((entry) => (entry.path === LAYOUT.index ? { ...entry, ...change } : entry)));
  const added = (entry: RawZipEntry): Buffer => rawZip([...entries, entry]);
  const index = files.get(LAYOUT.index) ?? Buffer.alloc(0);
  const deflated = { bytes: deflateRawSync(index, { level: 0 }), both: { method: 8, size: index.length } };
  return [
    of('B-ZIP-2-compressed', changed(deflated), {
      what: 'with a compressed entry',
      says: 'it is compressed',
    }),
    of('B-ZIP-2-encrypted', changed({ both: { flags: 0x801 } }), {
      what: 'with an encrypted entry',
      says: 'it is encrypted',
    }),
    of('B-ZIP-3-two-names', changed({ local: { name: 'index.JSON' } }), {
      what: 'with an entry of two names',
      says: 'another name than the directory',
    }),
    of('B-ZIP-3-lying-directory', changed({ central: { stored: 9, size: 9 } }), {
      what: 'with a directory that lies about a size',
      says: 'another size than the directory',
    }),
    of('B-ZIP-3-other-checksum', changed({ central: { crc: 1 } }), {
      what: 'with an entry of two checksums',
      says: 'another checksum than the directory',
    }),
    of('B-ZIP-4-overlap', changed({ both: { stored: 999_999, size: 999_999 } }), {
      what: 'with an entry that reaches into the next',
      says: 'it overlaps',
    }),
    of('B-ZIP-4-before-the-directory', rawZip(entries, { gap: Buffer.from('hidden') }), {
      what: 'with bytes in front of the directory',
      says: 'belong to nothing',
    }),
    of('B-ZIP-4-before-the-first', rawZip(entries, { before: rawZip(entries.slice(0, 1)).subarray(0, 71) }), {
      what: 'with bytes in front of the first entry',
      says: 'before its first entry',
    }),
    of('B-ZIP-5-comment', rawZip(entries, { end: { commentLength: 1 }, behind: Buffer.from('x') }), {
      what: 'with a comment, in which a second end could be',
      says: 'not the end of a zip',
    }),
    of('B-ZIP-5-two-counts', rawZip(entries, { end: { countHere: 1 } }), {
      what: 'with an end that contradicts itself',
      says: 'two different numbers of entries',
    }),
    of('B-ZIP-5-cut-short', rawZip(entries).subarray(0, -300), {
      what: 'of which the end is missing',
      says: 'not the end of a zip',
    }),
    of(
      'B-ZIP-6-second-name',
      changed({ both: { extra: rawExtra(0x7075, Buffer.from('\u0001....evil', 'latin1')) } }),
      { what: 'with a second name that some programs prefer', says: 'a second name' },
    ),
    of('B-ZIP-6-unmarked-name', added({ path: 'h\u00e4llo', bytes: 'x', both: { flags: 0 } }), {
      what: 'with a name that depends on the program',
      says: 'not in UTF-8, or not marked',
    }),
    of('B-PATH-1-escaping-entry', added({ path: '../evil', bytes: 'x' }), {
      what: 'with an entry that leads out',
      says: '".."',
    }),
    of('B-PATH-2-duplicate-entry', added({ path: LAYOUT.document, bytes: '{}' }), {
      what: 'with a second bundle.json',
      says: 'it appears twice',
    }),
    of('B-PATH-3-link', added({ path: 'link', bytes: '/etc', central: { attributes: 0o120777 * 65_536 } }), {
      what: 'with a symbolic link',
      says: 'symbolic link',
    }),
  ];
}

function volumes(): readonly Example[] {
  const bytes = tarOf(filesOf([HELLO, IMAGE]));
  const other = tarOf(filesOf([INDEX]));
  const size = 8192;
  const base = 'lab.tar';
  const volume = (from: Uint8Array, number: number): Uint8Array =>
    from.subarray((number - 1) * size, number * size);
  const set = (
    name: string,
    change: (volumes: Map<number, Uint8Array>) => unknown,
    about: About,
  ): Example => {
    const requirement = /^B-[A-Z]+-\d+/.exec(name)?.[0] ?? '';
    const numbers = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index + 1);
    const parts = new Map(numbers.map((number) => [number, volume(bytes, number)]));
    change(parts);
    const { what, says } = about;
    const files = new Map([...parts].map(([number, part]) => [`invalid/${name}/${base}.00${number}`, part]));
    return { path: `invalid/${name}/${base}.001`, files, what, breaks: { requirement, code: INVALID, says } };
  };
  return [
    set('B-VOL-3-missing', (parts) => parts.delete(2), {
      what: 'volumes of which one is missing',
      says: `"${base}.002": it is missing`,
    }),
    set('B-VOL-3-last-missing', (parts) => parts.delete(parts.size), {
      what: 'volumes of which the last is missing',
      says: 'it is missing',
    }),
    set('B-VOL-3-cut-short', (parts) => parts.set(2, volume(bytes, 2).subarray(1)), {
      what: 'volumes of which one is cut short',
      says: `"${base}.002"`,
    }),
    set(
      'B-VOL-3-longer-last',
      (parts) => parts.set(parts.size, Buffer.concat([volume(bytes, parts.size), bytes])),
      {
        what: 'volumes of which the last is larger than the others',
        says: `"${base}.003"`,
      },
    ),
    set('B-VOL-3-empty-last', (parts) => parts.set(parts.size + 1, Buffer.alloc(0)), {
      what: 'volumes with an empty one behind the last',
      says: `"${base}.004"`,
    }),
    set('B-VOL-4-swapped', (parts) => parts.set(2, volume(bytes, 3)).set(3, volume(bytes, 2)), {
      what: 'volumes of which two were swapped',
      says: `"${base}.002": it holds what belongs in "${base}.003"`,
    }),
    set('B-VOL-4-two-first', (parts) => parts.set(2, volume(bytes, 1)), {
      what: 'volumes with two first ones',
      says: `"${base}.002": it is a first volume`,
    }),
    set('B-VOL-4-stranger', (parts) => parts.set(2, volume(other, 2)), {
      what: 'volumes with one of another bundle',
      says: `"${base}.002"`,
    }),
  ];
}

function entriesOf(files: Files): readonly RawZipEntry[] {
  return [...files].map(([path, bytes]) => ({ path, bytes }));
}
