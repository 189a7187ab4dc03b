import { kindOf } from '../../bundle/format/item.ts';
import type { Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendNotFound } from '../http/not-found.ts';
import { sendZip } from '../http/send-zip.ts';

const ENDING = '.zip';

/** Returns the files of an item as one zip at `/zips/KIND/ITEM.zip`, for those who have nothing but a browser. */
export function zipSite(library: Library): Site {
  return ([first, kind, file = '', ...more]) => {
    if (first !== 'zips' || !file.endsWith(ENDING) || more.length > 0) return undefined;
    return {
      name: 'zip',
      handle: async (exchange) => {
        const name = file.slice(0, -ENDING.length);
        const served = library.items.find(({ item }) => kindOf(item) === kind && item.name === name);
        const files = served === undefined ? [] : await library.files(served);
        if (files.length === 0) return sendNotFound(exchange);
        await sendZip(exchange, files, { blobs: library.blobs, name: file });
      },
    };
  };
}
