import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { digestOf } from '../../../src/oci/digest.ts';
import { peer, type PeerName } from './peers.ts';

/** A program of somebody else that unpacks archives. */
export interface Unpacker {
  readonly name: PeerName;
  readonly args: (archive: string, folder: string) => readonly string[];
}

const PYTHON = (module: string): string =>
  `import sys, ${module}\nwith ${module}.${module === 'tarfile' ? 'open' : 'ZipFile'}(sys.argv[1]) as it: it.extractall(sys.argv[2])`;

/** By the form of the archive; a folder is copied. */
export const UNPACKERS: Readonly<Record<'tar' | 'zip' | 'dir', readonly Unpacker[]>> = {
  dir: [
    { name: 'cp', args: (archive, folder) => ['-RP', `${archive}/.`, folder] },
    {
      name: 'python3',
      args: (archive, folder) => [
        '-I',
        '-c',
        'import shutil, sys\nshutil.copytree(sys.argv[1], sys.argv[2], symlinks=True, dirs_exist_ok=True)',
        archive,
        folder,
      ],
    },
  ],
  tar: [
    { name: 'tar', args: (archive, folder) => ['-xf', archive, '-C', folder] },
    { name: 'python3', args: (archive, folder) => ['-I', '-c', PYTHON('tarfile'), archive, folder] },
  ],
  zip: [
    { name: 'unzip', args: (archive, folder) => ['-qq', archive, '-d', folder] },
    { name: 'python3', args: (archive, folder) => ['-I', '-c', PYTHON('zipfile'), archive, folder] },
  ],
};

/** Unpacks into an empty folder, and returns the digest of every file that is there then by its path. */
export function unpacked(
  { name, args }: Unpacker,
  archive: string,
  folder: string,
): ReadonlyMap<string, string> | undefined {
  const program = peer(name);
  if (program === undefined) return undefined;
  execFileSync(program, [...args(archive, folder)], { stdio: ['ignore', 'ignore', 'pipe'] });
  return filesUnder(folder);
}

/** Returns the digest of every file under a folder by its path, sorted. */
function filesUnder(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.map((name) => join(folder, name)).filter((path) => !statSync(path).isDirectory());
  return new Map(files.map((path) => [relative(folder, path), digestOf(readFileSync(path))]));
}
