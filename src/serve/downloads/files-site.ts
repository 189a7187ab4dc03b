import type { Route, Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { fileRoute, filesOfItem } from './shelf.ts';

/** Returns the plain files, each at `/files/NAME`, and those of items of a kind that we do not know at `/items/KIND/ITEM/NAME`. */
export function filesSite(library: Library): Site {
  return ([first, name = '', ...more]) => {
    if (first === 'items' && more.length === 2) return unknownRoute(library, [name, ...more]);
    if (first !== 'files' || name === '' || more.length > 0) return undefined;
    return fileRoute('file', library, async () => (await filesOfItem(library, 'file', name))[0]);
  };
}

function unknownRoute(library: Library, [kind, name, file]: readonly string[]): Route {
  return fileRoute('file', library, async () => {
    const served = library.items.find(
      ({ item }) => item.kind === 'unknown' && item.token === kind && item.name === name,
    );
    const files = served === undefined ? [] : await library.files(served);
    return files.find((one) => one.name === file);
  });
}
