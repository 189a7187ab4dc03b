import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Returns every file under a folder by its path, with its text; nothing when there is no such folder. */
export function filesUnder(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    namesUnder(folder)
      .filter((path) => lstatSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );
}

/** Returns everything under a folder, folders too, sorted. */
export function namesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort();
  } catch {
    return [];
  }
}

/** Returns the permission bits of a file, in octal. */
export function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o777).toString(8);
}

/** Returns when and as what a path was last made or changed: equal before and after means untouched. */
export function stampOf(path: string): string {
  const { ino, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  return `${ino} ${mtimeNs} ${ctimeNs}`;
}
