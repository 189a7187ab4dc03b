import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { type RawEntry, rawEntry } from '../../test/support/archives/raw-tar.ts';
import { rawZip, type RawZipEntry } from '../../test/support/archives/raw-zip.ts';
import { filesOf, HELLO } from './content.ts';
import { type Example, invalid } from './example.ts';
import { tarOf } from './valid.ts';

const INVALID = 'ERR_ARCHIVE_INVALID';
const FILES = filesOf([HELLO]);

type Case<T> = readonly [name: string, what: string, says: string, change: T];

/** Entries that one program would make something else of than the next, folders among them. */
const TAR_ENTRIES: readonly Case<RawEntry>[] = [
  [
    'B-PATH-1-escaping-folder',
    'with a folder that leads out',
    '".."',
    { path: '../escaped/', type: '5', mode: 0o755 },
  ],
  ['B-PATH-1-device', 'with a file that is a device on Windows', 'Windows device', { path: 'aux .txt' }],
  [
    'B-PATH-1-device-folder',
    'with a folder that is a device on Windows',
    'Windows device',
    { path: 'CON/', type: '5', mode: 0o755 },
  ],
  ['B-PATH-1-dot-at-the-end', 'with a name that Windows cuts', 'a dot or a space', { path: 'oci-layout.' }],
  ['B-PATH-1-space-at-the-end', 'with a name that Windows cuts', 'a dot or a space', { path: 'oci-layout ' }],
  ['B-PATH-1-unseen', 'with a name of which a part is not seen', 'invisible', { path: 'oci\u200b-layout' }],
  ['B-PATH-1-two-slashes', 'with an empty name in a path', 'a name is empty', { path: 'notes//x' }],
  [
    'B-PATH-2-folder-in-other-case',
    'with a second folder of the blobs on disks that ignore case',
    'treat the two as one',
    { path: 'Blobs/', type: '5', mode: 0o755 },
  ],
  [
    'B-PATH-2-folder-on-a-file',
    'with a folder in the place of bundle.json',
    'a file and a folder',
    { path: `${LAYOUT.document}/`, type: '5', mode: 0o755 },
  ],
  ['B-PATH-3-pipe', 'with a pipe', 'named pipe', { path: 'pipe', type: '6' }],
  [
    'B-PATH-5-not-readable',
    'with a folder that nobody may read',
    'keeps its owner from reading it',
    { path: 'blobs/', type: '5', mode: 0 },
  ],
  [
    'B-PATH-5-set-user-id',
    'with a file that runs with the rights of its owner',
    'the rights of its owner',
    { path: 'tool', mode: 0o4755 },
  ],
  [
    'B-TAR-4-no-version',
    'with a header that has no version',
    'not of the ustar format',
    { path: 'x', magic: 'ustar\0\0\0' },
  ],
  [
    'B-TAR-4-size-no-number',
    'with a size that is no number',
    'not a whole number',
    { path: 'x', size: Buffer.from('0000000000x\0') },
  ],
];

const ZIP_ENTRIES: readonly Case<RawZipEntry>[] = [
  ['B-PATH-1-escaping-folder', 'with a folder that leads out', '".."', folder('../escaped/')],
  ['B-PATH-1-device', 'with a file that is a device on Windows', 'Windows device', { path: 'nul' }],
  [
    'B-PATH-2-folder-on-a-file',
    'with a folder in the place of bundle.json',
    'a file and a folder',
    folder(`${LAYOUT.document}/`),
  ],
  [
    'B-PATH-2-folder-in-other-case',
    'with a second folder of the blobs on disks that ignore case',
    'treat the two as one',
    folder('Blobs/'),
  ],
];

/** Changes to the entry of index.json. */
const ZIP_CHANGES: readonly Case<Partial<RawZipEntry>>[] = [
  ['B-ZIP-2-patch', 'with an entry that is a patch', 'a patch', { both: { flags: 0x820 } }],
  [
    'B-ZIP-2-later-version',
    'with an entry that old programs pass over',
    'a later version',
    { both: { needed: 46 } },
  ],
  [
    'B-ZIP-3-other-flags',
    'with an entry of other flags than the directory says',
    'other flags',
    { local: { flags: 0x808 } },
  ],
  [
    'B-ZIP-3-other-method',
    'with an entry that is compressed by its header alone',
    'says that it is compressed',
    { local: { method: 8 } },
  ],
  [
    'B-ZIP-4-between-two',
    'with bytes between two entries',
    'belong to nothing',
    { behind: Buffer.from('hidden') },
  ],
  [
    'B-ZIP-5-other-disk',
    'with an entry on another disk',
    'another part of a split zip',
    { central: { disk: 1 } },
  ],
  [
    'B-ZIP-7-other-checksum',
    'with a checksum that is not that of the content',
    'checksum',
    { both: { crc: 1 } },
  ],
];

const ZIP_ENDS: readonly Case<NonNullable<Parameters<typeof rawZip>[1]>>[] = [
  ['B-ZIP-5-split', 'the last part of a split zip', 'split', { end: { disk: 1 } }],
  ['B-ZIP-5-two-ends', 'with two ends that differ', 'two', { zip64: { count: 99, countHere: 99 } }],
];

/** Valid bundles with one entry more, or one that is changed. */
export function invalidEntries(): readonly Example[] {
  const tar = tarOf(FILES);
  const entries = [...FILES].map(([path, bytes]): RawZipEntry => ({ path, bytes }));
  const changed = (change: Partial<RawZipEntry>): Buffer =>
    rawZip(entries.map((entry) => (entry.path === LAYOUT.index ? { ...entry, ...change } : entry)));
  const of = (name: string, bytes: Uint8Array, [, what, says]: Case<unknown>): Example =>
    invalid(name, bytes, { what, says, code: INVALID });
  return [
    ...TAR_ENTRIES.map((each) => {
      const bytes = Buffer.concat([tar.subarray(0, -1024), rawEntry(each[3]), Buffer.alloc(1024)]);
      return of(`${each[0]}.tar`, bytes, each);
    }),
    ...ZIP_ENTRIES.map((each) => of(`${each[0]}.zip`, rawZip([...entries, each[3]]), each)),
    ...ZIP_CHANGES.map((each) => of(`${each[0]}.zip`, changed(each[3]), each)),
    ...ZIP_ENDS.map((each) => of(`${each[0]}.zip`, rawZip(entries, each[3]), each)),
    ...otherShapes(),
  ];
}

function otherShapes(): readonly Example[] {
  const shapes: readonly (readonly [name: string, what: string, says: string, bytes: Uint8Array])[] = [
    [
      'gzip.tar.gz',
      'a tar that is compressed',
      'compressed with gzip',
      Buffer.from('1f8b0800000000000003', 'hex'),
    ],
    ['zeros.tar', 'nothing but zeros', 'neither a tar, a zip nor a folder', Buffer.alloc(10_240)],
    [
      'empty.zip',
      'a zip of nothing',
      'an empty zip file',
      Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]),
    ],
  ];
  const empty = { code: 'ERR_BUNDLE_NOT_FOUND', what: 'an empty file', says: 'the file is empty' };
  return [
    invalid('B-SHAPE-1-nothing.tar', Buffer.alloc(0), empty),
    ...shapes.map(([name, what, says, bytes]) => {
      return invalid(`B-SHAPE-1-${name}`, bytes, { what, says, code: 'ERR_BUNDLE_INVALID' });
    }),
  ];
}

function folder(path: string): RawZipEntry {
  return { path, central: { attributes: 0o040755 * 65_536 } };
}
