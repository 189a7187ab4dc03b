import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { attempt } from '../disk/errno.ts';
import { SaddlebagError } from '../internal/error.ts';
import { type KitFile, smallFile } from './file.ts';
import { KIT } from './names.ts';

/** Files of the program that are never run: the library, and what a package manager shows. */
const LEFT_OUT = /^(?:index\.|bundle\.1$)/;
/** Files of the program that go to the licences, and their names there. */
const LICENCES: Readonly<Record<string, string>> = {
  LICENSE: 'saddlebag.txt',
  'licences.txt': 'libraries.txt',
};

/**
 * Returns the files of the shipped program as a kit has them. `folder` is where it is; it is found from this file when left out.
 *
 * @throws `ERR_USAGE_INVALID` when this program runs from its sources; `ERR_DISK_FAILED`
 */
export async function programFiles(
  folder: string | undefined = shippedFolder(),
): Promise<readonly KitFile[]> {
  if (folder === undefined)
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot make a kit: this program runs from its sources, and a kit needs the built one',
      { hint: 'Run "npm run build", then use "node dist/main.js" instead of "bundle".' },
    );
  return await attempt('read the program in', folder, async () => await readAll(folder), 'input');
}

async function readAll(folder: string): Promise<readonly KitFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !LEFT_OUT.test(name) && !Object.hasOwn(LICENCES, name));
  const program = names.map(async (name) =>
    smallFile(`${KIT.program}/${name}`, await readFile(join(folder, name))),
  );
  const licences = Object.entries(LICENCES).map(async ([name, to]) => {
    // A program that runs from a kit has them where this one puts them.
    const places = [join(folder, name), join(folder, '..', 'licences', to)];
    const place = places.find((path) => existsSync(path)) ?? join(folder, name);
    return smallFile(`${KIT.licences}/${to}`, await readFile(place));
  });
  return await Promise.all([...program, ...licences]);
}

/** What ships is in this file's folder or the one above. */
function shippedFolder(): string | undefined {
  const own = import.meta.dirname;
  return [own, dirname(own)].find((folder) =>
    ['main.js', 'program.mjs', 'start.mjs'].every((name) => existsSync(join(folder, name))),
  );
}
