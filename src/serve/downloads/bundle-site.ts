import { basename } from 'node:path';
import type { Site } from '../http/exchange.ts';
import { sendFile } from '../http/send-file.ts';
import type { Library } from '../holdings/library.ts';

/** Serves the bundles themselves, each file of them at `/bundles/NAME`. A bundle that is a folder is not one file. */
export function bundleSite(library: Library): Site {
  const files = new Map<string, string>();
  for (const { type, files: own } of library.holdings) {
    if (type !== 'bundle') continue;
    for (const path of own.keys()) if (!files.has(basename(path))) files.set(basename(path), path);
  }
  return ([first, name = '', ...more]) => {
    const path = first === 'bundles' && more.length === 0 ? files.get(name) : undefined;
    if (path === undefined) return undefined;
    return { name: 'bundle', handle: async (exchange) => await sendFile(exchange, path, { name }) };
  };
}
