import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { faultOfName } from '../../internal/file-name.ts';
import type { Finding } from '../../internal/finding.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { makeFolder, requireWritable } from '../../disk/folder.ts';
import { contentOf, needOf, onlyFileOf } from '../item-files.ts';
import { ownerUnder } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { placedFile } from '../receipts/placed-file.ts';
import { placedState } from '../receipts/placed-state.ts';
import type { Action, Target } from '../target.ts';
import { type PlainItem, plainItems } from './plain-items.ts';

export interface FilesOptions {
  /** Where the files go. */
  readonly folder: string;
}

/** A file with its place. */
interface PlainFile {
  readonly item: PlainItem;
  /** What it is called in the receipt and to people. */
  readonly name: string;
  readonly file: ArtifactFile;
  readonly path: string;
  readonly mode: number;
}

/** Makes the target that puts the plain files of a bundle into one folder. */
export function filesTarget(bundle: Bundle, options: FilesOptions): Target {
  const { folder } = options;
  let loaded: Promise<readonly PlainFile[]> | undefined;
  const files = (wait: WaitOptions): Promise<readonly PlainFile[]> =>
    (loaded ??= loadFiles(bundle, folder, wait));
  return {
    name: 'files',
    place: folder,
    isOnDisk: true,
    async reach() {
      await requireWritable(folder);
    },
    async plan(wait = {}) {
      return await Promise.all((await files(wait)).map(async (file) => await planFile(file, wait)));
    },
    async apply(action, wait = {}) {
      const plain = (await files(wait)).find(({ path }) => path === action.destination);
      if (plain === undefined) throw new TypeError(`no file was planned at "${action.destination}"`);
      const { item, file, path, mode } = plain;
      const digests = [item.descriptor.digest, file.descriptor.digest];
      const state = action.state === 'present' ? 'present' : (await planFile(plain, wait)).state;
      if (state === 'present') return { ...action, outcome: 'present', digests };
      const owner = await ownerUnder(folder);
      await makeFolder(folder, { owner });
      const content = contentOf(bundle, file, wait);
      await place(path, content, { mode, owner, kind: 'target', signal: wait.signal });
      return {
        ...action,
        outcome: state === 'missing' ? 'placed' : 'replaced',
        paths: [path],
        files: [placedFile(path, file.descriptor)],
        digests,
      };
    },
    async prove(wait = {}) {
      return await Promise.all((await files(wait)).map(async (file) => await proveFile(file, wait)));
    },
  };
}

async function loadFiles(bundle: Bundle, folder: string, wait: WaitOptions): Promise<readonly PlainFile[]> {
  const items = plainItems(bundle);
  const taken = new Map<string, string>();
  const loads = items.map(async (item): Promise<readonly PlainFile[]> => {
    const files =
      item.kind === 'file' ? [await onlyFileOf(bundle, item, wait)] : await bundle.files(item, wait);
    return files.map((file) => {
      const name = safeName(file.name);
      // Windows and macOS do not tell upper case from lower case, and a bundle goes to either.
      const key = name.toLowerCase();
      const other = taken.get(key);
      if (other !== undefined) throw sameName(item.name, other, name);
      taken.set(key, item.name);
      const mode = file.executable === true ? 0o755 : 0o644;
      return { item, file, name: item.kind === 'file' ? item.name : name, path: join(folder, name), mode };
    });
  });
  const files = await collectProblems(loads, {
    code: 'ERR_TARGET_REFUSED',
    message: (count) => `Cannot place files in "${folder}": ${count} of ${items.length} would fail`,
  });
  return files.flat();
}

async function planFile(plain: PlainFile, options: WaitOptions): Promise<Action> {
  const { name, file, path, mode } = plain;
  const state = await placedState(path, { descriptor: file.descriptor, mode }, options);
  const { bytes, needs } = needOf([file], state);
  return { target: 'files', kind: 'file', name, destination: path, bytes, state, needs };
}

async function proveFile(plain: PlainFile, options: WaitOptions): Promise<Finding> {
  const { state } = await planFile(plain, options);
  if (state === 'present') return { level: 'ok', message: `${plain.path} is in place` };
  return { level: 'error', message: `${plain.path} is ${state === 'missing' ? 'missing' : 'damaged'}` };
}

function sameName(item: string, other: string, name: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot place file "${item}": "${other}" has the name "${name}" as well`,
    { hint: 'Give one of them another name in the spec.' },
  );
}

/** Whatever let it into the bundle, a name that leads elsewhere is not written. */
function safeName(name: string): string {
  const fault = faultOfName(name);
  if (fault === undefined) return name;
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot place file ${JSON.stringify(name)}: ${fault}`, {
    hint: 'A bundle built by Saddlebag has no such name: find out where this one comes from.',
  });
}
