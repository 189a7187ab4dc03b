import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';

/** A change that somebody makes to a folder with a shell. Places are taken modulo the number of its files. */
export type FolderMutation =
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link' | 'hard link'; readonly path: string; readonly at: number; readonly up: boolean }
  | { readonly kind: 'remove' | 'empty' | 'replace'; readonly at: number }
  | { readonly kind: 'move'; readonly at: number; readonly path: string }
  | { readonly kind: 'mode'; readonly at: number; readonly mode: number };

const PATHS = [
  'notes',
  'notes/x',
  'Blobs',
  'BUNDLE.json',
  'blobs/SHA256/x',
  'blobs/sha256/x',
  'a\\b',
  'CON',
  'x.',
  'x ',
  ' x',
  '\u001b[31m',
  'a\u0308',
  '\u00e4',
  'bundle.json.001',
  'bundle.json.sha256',
  'index.json.001',
  'x.001',
  'x.sha256',
  `${'y'.repeat(200)}/${'z'.repeat(60)}`,
];
const path = fc.constantFrom(...PATHS);
const at = fc.nat({ max: 1000 });

export const FOLDER_MUTATION: fc.Arbitrary<FolderMutation> = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    path,
    bytes: fc.constantFrom(Buffer.alloc(0), Buffer.from('x')),
  }),
  fc.record({ kind: fc.constant('folder' as const), path }),
  fc.record({ kind: fc.constantFrom('link' as const, 'hard link' as const), path, at, up: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'empty' as const, 'replace' as const), at }),
  fc.record({ kind: fc.constant('move' as const), at, path }),
  fc.record({ kind: fc.constant('mode' as const), at, mode: fc.constantFrom(0o400, 0o755, 0o4755, 0o644) }),
);

/** Changes a folder of these files, unless the filesystem does not allow it. */
export function mutateFolder(folder: string, files: readonly string[], mutation: FolderMutation): void {
  const place = (name: string): string => join(folder, name);
  const chosen = place(files['at' in mutation ? mutation.at % files.length : 0] ?? '');
  const target = 'path' in mutation ? place(mutation.path) : chosen;
  if ('path' in mutation && (!isFolder(dirname(target)) || isThere(target))) return;
  if (mutation.kind === 'folder') mkdirSync(target, { recursive: true });
  else if (mutation.kind === 'write') writeFileSync(target, mutation.bytes);
  else if (!existsSync(chosen)) return;
  // An earlier change may have put a folder there, of which only a link can be made.
  else if (mutation.kind !== 'link' && !lstatSync(chosen).isFile()) return;
  else if (mutation.kind === 'link') symlinkSync(mutation.up ? '/etc/hostname' : chosen, target);
  else if (mutation.kind === 'hard link') linkSync(chosen, target);
  else if (mutation.kind === 'remove') rmSync(chosen);
  else if (mutation.kind === 'empty') writeFileSync(chosen, '');
  else if (mutation.kind === 'move') renameSync(chosen, target);
  else if (mutation.kind === 'mode') chmodSync(chosen, mutation.mode);
  else {
    rmSync(chosen);
    mkdirSync(chosen);
  }
}

function isThere(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false }) !== undefined;
}

/** Returns whether it is a folder, which is made if it can be. */
function isFolder(name: string): boolean {
  if (name !== dirname(name) && !isThere(dirname(name)) && !isFolder(dirname(name))) return false;
  if (!lstatSync(dirname(name)).isDirectory()) return false;
  if (!isThere(name)) mkdirSync(name);
  return lstatSync(name).isDirectory();
}
