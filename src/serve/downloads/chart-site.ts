import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendBytes } from '../http/reply.ts';
import { helmIndex } from './helm-index.ts';
import { fileRoute } from './shelf.ts';

/** Serves the charts as a Helm repository at `/charts`: `index.yaml`, and each chart under the file name that Helm gives it. */
export function chartSite(library: Library): Site {
  let known: Promise<string> | undefined;
  return ([first, name = '', ...more]) => {
    if (first !== 'charts' || name === '' || more.length > 0) return undefined;
    if (name !== 'index.yaml') return fileRoute('chart', library, () => chartFile(library, name));
    return {
      name: 'chart-index',
      handle: async (exchange) => {
        known ??= helmIndex(library);
        // Do not cache a failure: the next request tries again.
        known.catch(() => (known = undefined));
        sendBytes(exchange, 200, { type: 'application/yaml; charset=utf-8', bytes: await known });
      },
    };
  };
}

/** Two registries may hold charts with the same name and version; the index lists the first. */
async function chartFile(library: Library, name: string): Promise<ArtifactFile | undefined> {
  const served = library.items.find(({ item }) => {
    const file = item.kind === 'chart' ? `${item.chart}-${item.version}.tgz` : undefined;
    return file !== undefined && (name === file || name === `${file}.prov`);
  });
  if (served === undefined) return undefined;
  return (await library.files(served)).find((file) => file.name === name);
}
