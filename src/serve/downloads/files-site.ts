import { kindOf } from '../../bundle/format/item.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import { fileAt } from '../../oci/artifact-tree.ts';
import type { Site } from '../http/exchange.ts';
import type { Library, ServedItem } from '../holdings/library.ts';
import { fileRoute } from './shelf.ts';

/**
 * Returns the files: a plain one at `/files/NAME`, one of a folder at `/files/FOLDER/PATH`, and at `/items/KIND/ITEM/PATH` those
 * of items of a kind that we do not know, and files whose paths do not begin with the name of their item. A link is the file
 * that it leads to.
 */
export function filesSite(library: Library): Site {
  return ([first, ...parts]) => {
    if (first === 'files' && parts.length > 0 && parts[0] !== '')
      return fileRoute('file', library, async () => await plainFile(library, parts));
    if (first === 'items' && parts.length > 2)
      return fileRoute('file', library, async () => await fileOfItem(library, parts));
    return undefined;
  };
}

async function plainFile(library: Library, parts: readonly string[]): Promise<ArtifactFile | undefined> {
  const [name = ''] = parts;
  const served = library.items.find(({ item }) => item.kind === 'file' && item.name === name);
  if (served === undefined) return undefined;
  return parts.length === 1 ? await onlyFile(library, served) : await fileIn(library, served, parts);
}

async function fileOfItem(library: Library, parts: readonly string[]): Promise<ArtifactFile | undefined> {
  const [kind, name, ...path] = parts;
  const served = library.items.find(({ item }) => {
    const isAnywhere = item.kind === 'file' || item.kind === 'unknown';
    return isAnywhere && kindOf(item) === kind && item.name === name;
  });
  return served === undefined ? undefined : await fileIn(library, served, path);
}

async function fileIn(
  library: Library,
  served: ServedItem,
  path: readonly string[],
): Promise<ArtifactFile | undefined> {
  return fileAt(await library.tree(served), path.join('/'));
}

/** An item that is one plain file goes by its own name, whatever the title of the file. */
async function onlyFile(library: Library, served: ServedItem): Promise<ArtifactFile | undefined> {
  const [file, ...others] = await library.files(served);
  return others.length === 0 && file?.name.includes('/') === false ? file : undefined;
}
