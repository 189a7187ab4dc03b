import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openArchive } from '../../src/archive/open.ts';
import { makeParity } from '../../src/bundle/parity/make.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { hashShard } from '../../src/parity/head.ts';
import { type Files, filesOf, HELLO, IMAGE } from './content.ts';
import type { Breach } from './example.ts';
import { inVolumes, tarOf } from './valid.ts';
import { packZipOf } from '../../test/support/samples/sample-zip.ts';

/** A bundle with a parity file, and what a repair makes of it. */
export interface ParityExample {
  /** The path to give to a reader, relative to `bundle-spec/examples/`. */
  readonly path: string;
  readonly what: string;
  /** Files by path, relative to the same folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The sound bundle, which a repair makes of it; left out where it refuses. */
  readonly repairs?: string;
  readonly breaks?: Breach;
}

/** Of a file and an image: a handful of shards of 4 KiB. */
const SOUND = 'parity/sound.tar';

/** Returns bundles with parity files, sound and damaged ones. */
export async function parityExamples(): Promise<readonly ParityExample[]> {
  const files = filesOf([HELLO, IMAGE]);
  const tar = tarOf(files);
  const par = await parityOf('lab.tar', new Map([['lab.tar', tar]]), files);
  const zip = await packZipOf(files);
  const zipPar = await parityOf('lab.zip', new Map([['lab.zip', zip]]), files);
  const volumes = inVolumes('lab.tar', tar, 8192).files;
  const volumesPar = await parityOf('lab.tar.001', volumes, files);
  const other = tarOf(filesOf([HELLO]));
  // In a blob, the last one: a head that is damaged can be made anew without parity.
  const hurt = damaged(tar, tar.length - 1536, 8);
  const one = (
    name: string,
    bytes: Uint8Array,
    parity: Uint8Array,
  ): Pick<ParityExample, 'path' | 'files'> => ({
    path: `parity/${name}`,
    files: new Map([
      [`parity/${name}`, bytes],
      [`parity/${name}.par`, parity],
    ]),
  });
  const refused = (
    name: string,
    parity: Uint8Array,
    about: {
      readonly what: string;
      readonly code?: string;
      readonly says: string;
      readonly bundle?: Uint8Array;
    },
  ): ParityExample => {
    const { what, code = 'ERR_PARITY_INVALID', says, bundle = hurt } = about;
    const requirement = /^B-[A-Z]+-\d+/.exec(name)?.[0] ?? '';
    return { ...one(`${name}.tar`, bundle, parity), what, breaks: { requirement, code, says } };
  };
  return [
    { ...one('sound.tar', tar, par), what: 'a sound bundle and its parity file', repairs: SOUND },
    { ...one('sound.zip', zip, zipPar), what: 'the same as a zip', repairs: 'parity/sound.zip' },
    {
      ...one('damaged.tar', damaged(tar, 5000, 3000), par),
      what: 'with a damaged range of bytes',
      repairs: SOUND,
    },
    {
      ...one('damaged.zip', damaged(zip, 100, 2000), zipPar),
      what: 'a zip with a damaged head',
      repairs: 'parity/sound.zip',
    },
    {
      ...one('cut-short.tar', tar.subarray(0, -2000), par),
      what: 'with an end that was cut off',
      repairs: SOUND,
    },
    {
      path: 'parity/volumes.tar.001',
      files: placed('volumes.tar', without(volumes, 'lab.tar.002'), volumesPar),
      what: 'volumes of which the second is lost',
      repairs: SOUND,
    },
    {
      ...one('first-head-damaged.tar', damaged(tar, 5000, 100), damaged(par, 30, 8)),
      what: 'with a parity file whose first head is damaged',
      repairs: SOUND,
    },
    {
      ...one('parity-cut-short.tar', damaged(tar, 5000, 100), par.subarray(0, -1000)),
      what: 'with a parity file that was cut short',
      repairs: SOUND,
    },
    refused('B-PAR-5-no-head', damaged(damaged(par, 30, 8), par.length - 100, 8), {
      what: 'with a parity file both of whose heads are damaged',
      says: 'its head is damaged',
    }),
    refused(
      'B-PAR-5-other-version',
      changed(par, (head) => head.writeUInt16LE(2, 16)),
      {
        what: 'with a parity file of version 2.0',
        says: 'it is of version 2',
      },
    ),
    refused(
      'B-PAR-5-large-shards',
      changed(par, (head) => head.writeUInt32LE(2 ** 21, 20)),
      {
        what: 'with a parity file of shards of 2 MiB',
        says: 'a shard has 2097152 bytes',
      },
    ),
    refused(
      'B-PAR-5-odd-shards',
      changed(par, (head) => head.writeUInt32LE(4097, 20)),
      {
        what: 'with a parity file of shards of 4097 bytes',
        says: 'a shard has 4097 bytes',
      },
    ),
    refused(
      'B-PAR-5-no-stripes',
      changed(par, (head) => head.writeUInt32LE(0, 40)),
      {
        what: 'with a parity file without stripes',
        says: '0 stripes',
      },
    ),
    refused(
      'B-PAR-5-many-parity-shards',
      changed(par, (head) => head.writeUInt32LE(33, 44)),
      {
        what: 'with a parity file of 33 parity shards a stripe',
        says: '33 parity shards',
      },
    ),
    refused(
      'B-PAR-5-huge-bundle',
      changed(par, (head) => head.writeBigUInt64LE(2n ** 63n, 24)),
      {
        what: 'with a parity file of a bundle that cannot be',
        says: 'the bundle has',
      },
    ),
    refused(
      'B-PAR-5-many-volumes',
      changed(par, (head) => head.writeBigUInt64LE(2n, 32)),
      {
        what: 'with a parity file of a bundle in volumes of two bytes',
        says: 'volumes have 2 bytes',
      },
    ),
    refused(
      'B-PAR-5-overlapping',
      changed(par, (head) => head.writeBigUInt64LE(2n ** 20n, 96)),
      {
        what: 'with a parity file whose volatile bytes lie behind the end of the bundle',
        says: 'list of volatile bytes',
      },
    ),
    refused('B-PAR-7-other-bundle', par, {
      what: 'with the parity file of another bundle',
      bundle: other,
      code: 'warning',
      says: 'is for another bundle',
    }),
    refused('B-PAR-10-beyond', par, {
      what: 'with more damage than its parity repairs',
      bundle: damaged(tar, 5000, 9000),
      code: 'ERR_BUNDLE_DAMAGED',
      says: 'more is damaged than its parity file can repair',
    }),
  ];
}

/** Returns the parity file that this program makes of a bundle on disk, for 30 %. */
async function parityOf(name: string, onDisk: Files, files: Files): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'saddlebag-parity-'));
  try {
    for (const [file, bytes] of onDisk) writeFileSync(join(folder, file), bytes);
    await using archive = await openArchive(join(folder, name));
    const path = join(folder, 'made.par');
    const root = digestOf(files.get('bundle.json') ?? '');
    await makeParity(archive, { path, root, percent: 30 });
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function damaged(bytes: Uint8Array, position: number, length: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill('damage', position, position + length);
  return copy;
}

/** Changes a parity file's heads, and makes their digests right again. */
function changed(par: Buffer, change: (head: Buffer) => void): Buffer {
  const copy = Buffer.from(par);
  const size = Number(copy.readBigUInt64LE(copy.length - 8));
  for (const start of [0, copy.length - 8 - size]) {
    const head = copy.subarray(start, start + size);
    change(head);
    head.set(hashShard(head.subarray(0, -32)), size - 32);
  }
  return copy;
}

function without(files: Files, name: string): Files {
  return new Map([...files].filter(([path]) => path !== name));
}

function placed(name: string, files: Files, parity: Uint8Array): Files {
  const renamed = [...files].map(
    ([path, bytes]) => [`parity/${basename(path).replace('lab.tar', name)}`, bytes] as const,
  );
  return new Map([...renamed.filter(([path]) => !path.endsWith('.sha256')), [`parity/${name}.par`, parity]]);
}
