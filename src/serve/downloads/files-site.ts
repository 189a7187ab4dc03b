import type { Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { fileRoute, filesOfItem } from './shelf.ts';

/** Returns the plain files, each at `/files/NAME`. */
export function filesSite(library: Library): Site {
  return ([first, name = '', ...more]) => {
    if (first !== 'files' || name === '' || more.length > 0) return undefined;
    return fileRoute('file', library, async () => (await filesOfItem(library, 'file', name))[0]);
  };
}
