import { join } from 'node:path';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { resolveItems } from '../../../src/sources/resolve.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { SOURCES } from '../../../src/sources/sources.ts';
import { type DecodedSpec, parseSpec } from '../../../src/spec/parse-spec.ts';
import { specSchema } from '../../../src/spec/schema.ts';
import { formatPath } from '../../../src/spec/yaml/place.ts';

/** What a spec says, but for its version and its name. */
export type SpecDocument = Readonly<Record<string, unknown>>;

/** Parses a spec with the parts of every source. */
export function parseWhole(text: string, path: string): DecodedSpec {
  return parseSpec(text, path, SOURCES);
}

/** Resolves all that a spec called `lab` asks for. Its files are in `folder`. */
export async function resolveDocument(
  document: SpecDocument,
  context: SourceContext,
  folder = '/nowhere',
): Promise<readonly PlannedItem[]> {
  const spec = specSchema(SOURCES).parse({ bundle: 1, name: 'lab', ...document });
  const files = {
    signal: context.signal,
    pathOf: (written: string): string => join(folder, written),
    placeOf: formatPath,
  };
  const loaded = await Promise.all(SOURCES.map(async (source) => await source.load(spec, files)));
  return await resolveItems('lab', loaded, context);
}
