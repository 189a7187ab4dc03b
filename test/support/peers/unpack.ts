import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { digestOf } from '../../../src/oci/digest.ts';
import { peer, type PeerName } from './peers.ts';
import { unpackByPython } from './python.ts';

type Form = 'tar' | 'zip' | 'dir';

/** A program of somebody else that unpacks archives. */
export interface Unpacker {
  readonly name: PeerName;
  readonly unpack: (program: string, archive: string, folder: string) => Promise<void> | void;
}

/** By the form of the archive; a folder is copied. */
export const UNPACKERS: Readonly<Record<Form, readonly Unpacker[]>> = {
  dir: [byCommand('cp', (archive, folder) => ['-RP', `${archive}/.`, folder]), byPython('dir')],
  tar: [byCommand('tar', (archive, folder) => ['-xf', archive, '-C', folder]), byPython('tar')],
  zip: [byCommand('unzip', (archive, folder) => ['-qq', archive, '-d', folder]), byPython('zip')],
};

function byCommand(name: PeerName, args: (archive: string, folder: string) => readonly string[]): Unpacker {
  return {
    name,
    unpack: (program, archive, folder) => {
      execFileSync(program, [...args(archive, folder)], { stdio: ['ignore', 'ignore', 'pipe'] });
    },
  };
}

function byPython(form: Form): Unpacker {
  return {
    name: 'python3',
    unpack: async (program, archive, folder) => await unpackByPython(program, form, archive, folder),
  };
}

/** Unpacks into an empty folder, and returns the digest of every file that is there then by its path. */
export async function unpacked(
  { name, unpack }: Unpacker,
  archive: string,
  folder: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const program = peer(name);
  if (program === undefined) return undefined;
  await unpack(program, archive, folder);
  return filesUnder(folder);
}

/** Returns the digest of every file under a folder by its path, sorted. */
function filesUnder(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.map((name) => join(folder, name)).filter((path) => !statSync(path).isDirectory());
  return new Map(files.map((path) => [relative(folder, path), digestOf(readFileSync(path))]));
}
