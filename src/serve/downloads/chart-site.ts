import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendBytes } from '../http/reply.ts';
import { helmIndex } from './helm-index.ts';
import { fileRoute } from './shelf.ts';

/** Returns the charts as a Helm repository at `/charts`: `index.yaml`, and each chart by the name that Helm gives its file. */
export function chartSite(library: Library): Site {
  let known: Promise<string> | undefined;
  return ([first, name = '', ...more]) => {
    if (first !== 'charts' || name === '' || more.length > 0) return undefined;
    if (name !== 'index.yaml') return fileRoute('chart', library, () => chartFile(library, name));
    return {
      name: 'chart-index',
      handle: async (exchange) => {
        known ??= helmIndex(library);
        // What failed is tried again the next time.
        known.catch(() => (known = undefined));
        sendBytes(exchange, 200, { type: 'application/yaml; charset=utf-8', bytes: await known });
      },
    };
  };
}

/** Two registries may have charts of one name and version; the first is the one that the index lists. */
async function chartFile(library: Library, name: string): Promise<ArtifactFile | undefined> {
  const served = library.items.find(({ item }) => {
    const file = item.kind === 'chart' ? `${item.chart}-${item.version}.tgz` : undefined;
    return file !== undefined && (name === file || name === `${file}.prov`);
  });
  if (served === undefined) return undefined;
  return (await library.files(served)).find((file) => file.name === name);
}
