import { isSaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { hexOf } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import type { Library, ServedItem } from '../holdings/library.ts';
import type { ItemOf } from './shelf.ts';

type Chart = ItemOf<'chart'>;

/**
 * Returns the index of a Helm repository (Helm, "The Chart Repository Guide"), as JSON, which is YAML too. Addresses are relative
 * to it. There is no moment in it, so what is served alone decides its bytes. A chart that is damaged is left out.
 */
export async function helmIndex(library: Library): Promise<string> {
  const entries = new Map<string, Map<string, string>>();
  for (const served of library.items) {
    const { item } = served;
    if (item.kind !== 'chart') continue;
    const versions = entries.get(item.chart) ?? new Map<string, string>();
    if (versions.has(item.version)) continue;
    const entry = await entryOf(library, { ...served, item });
    if (entry === undefined) continue;
    versions.set(item.version, entry);
    entries.set(item.chart, versions);
  }
  const charts = [...entries].map(
    ([name, versions]) => `${encode(name)}: [\n${[...versions.values()].join(',\n')}\n]`,
  );
  return `{"apiVersion": "v1", "entries": {\n${charts.join(',\n')}\n}}\n`;
}

/** What Helm knows of a chart without opening it is its `Chart.yaml`, which the config of its manifest is. */
async function entryOf(
  library: Library,
  served: ServedItem & { readonly item: Chart },
): Promise<string | undefined> {
  const { item } = served;
  try {
    const manifest = decodeManifest(
      await library.blobs.fetchWhole(item.descriptor),
      item.descriptor.mediaType,
    );
    const [archive] = await library.files(served);
    if (manifest.type === 'index' || archive === undefined) return undefined;
    const config = Buffer.from(await library.blobs.fetchWhole(manifest.config)).toString('utf8');
    const metadata: unknown = JSON.parse(config);
    return encode({
      // What has none is of Helm 2.
      apiVersion: 'v1',
      ...(isRecord(metadata) ? metadata : {}),
      name: item.chart,
      version: item.version,
      urls: [encodeURIComponent(archive.name)],
      digest: hexOf(archive.descriptor.digest),
    });
  } catch (error) {
    // Whoever asks for the chart itself is told what is wrong with it.
    if (isSaddlebagError(error) || error instanceof SyntaxError || error instanceof RangeError)
      return undefined;
    throw error;
  }
}

/** Older readers of YAML take neither bare control characters nor half of a pair of surrogates, not even in quotes. */
function encode(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed() : part,
  );
  return text.replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
