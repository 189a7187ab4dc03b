import { isSaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { hexOf } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import type { Library, ServedItem } from '../holdings/library.ts';
import type { ItemOf } from './shelf.ts';

type Chart = ItemOf<'chart'>;

/**
 * Returns the index of a Helm repository (Helm, "The Chart Repository Guide") as JSON, which is also YAML. URLs are relative
 * to the index. It holds no timestamp, so its bytes depend only on what is served. Damaged charts are left out.
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

/** The config of a chart's manifest is its `Chart.yaml`, so indexing opens no chart. */
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
    const described = isRecord(metadata) ? metadata : {};
    return encode({
      // A chart without an `apiVersion` dates from Helm 2.
      apiVersion: 'v1',
      ...described,
      name: item.chart,
      version: item.version,
      urls: [encodeURIComponent(archive.name)],
      digest: hexOf(archive.descriptor.digest),
    });
  } catch (error) {
    // A request for the chart itself reports what is wrong with it.
    if (isSaddlebagError(error) || error instanceof SyntaxError || error instanceof RangeError)
      return undefined;
    throw error;
  }
}

/** Older YAML readers reject bare control characters and lone surrogates, even in quotes. */
function encode(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed() : part,
  );
  return text.replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
