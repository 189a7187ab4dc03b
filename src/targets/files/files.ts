import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { faultOfName } from '../../internal/file-name.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { onlyFileOf } from '../item-files.ts';
import { type FileAtTarget, fileTarget, proveFile } from '../placed-files.ts';
import { allOf } from '../taken.ts';
import type { Target } from '../target.ts';
import { plainItems } from './plain-items.ts';

export interface FilesOptions {
  /** Where the files go. */
  readonly folder: string;
}

/** Makes the target that puts the plain files of a bundle into one folder. */
export function filesTarget(bundle: Bundle, { folder }: FilesOptions): Target {
  const at = { target: 'files', folder };
  return fileTarget(bundle, at, {
    folders: [folder],
    load: async (wait) => allOf(await loadFiles(bundle, folder, wait)),
    prove: async (files, wait) =>
      await Promise.all(files.map(async (file) => await proveFile(file, at, wait))),
  });
}

async function loadFiles(
  bundle: Bundle,
  folder: string,
  wait: WaitOptions,
): Promise<readonly FileAtTarget[]> {
  const items = plainItems(bundle);
  const taken = new Map<string, string>();
  const loads = items.map(async (item): Promise<readonly FileAtTarget[]> => {
    const files =
      item.kind === 'file' ? [await onlyFileOf(bundle, item, wait)] : await bundle.files(item, wait);
    return files.map((file) => {
      const name = safeName(file.name);
      // Windows and macOS ignore case in file names, and a bundle may be installed on either.
      const key = name.toLowerCase();
      const other = taken.get(key);
      if (other !== undefined) throw sameName(item.name, other, name);
      taken.set(key, item.name);
      const mode = file.executable === true ? 0o755 : 0o644;
      const shown = item.kind === 'file' ? item.name : name;
      return { item, kind: 'file', name: shown, file, path: join(folder, name), mode };
    });
  });
  const files = await collectProblems(loads, {
    code: 'ERR_TARGET_REFUSED',
    message: (count) => `Cannot place files in "${folder}": ${count} of ${items.length} would fail`,
  });
  return files.flat();
}

function sameName(item: string, other: string, name: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot place file "${item}": "${other}" has the name "${name}" as well`,
    { hint: 'Give one of them another name in the spec.' },
  );
}

/** Never write a name that leads out of the folder, however it got into the bundle. */
function safeName(name: string): string {
  const fault = faultOfName(name);
  if (fault === undefined) return name;
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot place file ${JSON.stringify(name)}: ${fault}`, {
    hint: 'A bundle built by Saddlebag has no such name: find out where this one comes from.',
  });
}
