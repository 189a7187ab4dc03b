import { isSaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { walkGraph } from '../../oci/graph.ts';
import { isIndexType } from '../../oci/media-type.ts';
import { type FetchedManifest, fetchManifest } from './graph.ts';
import { entriesOf } from './narrow-index.ts';
import type { ImageRequest } from './requests.ts';
import type { SourceContext } from '../source.ts';

/** Manifests fetched at once. */
const CONCURRENCY = 8;

/** An entry of an index. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** The same as written, including fields we do not know. */
  readonly written: Readonly<Record<string, unknown>>;
}

/**
 * Returns the entries of an index, in order. A nested index without a platform is replaced by its own entries, at any depth;
 * one that the registry does not have stays an entry, with a warning.
 *
 * @throws what {@link walkGraph} throws
 */
export async function indexEntries(
  request: Pick<ImageRequest, 'name' | 'reference'>,
  source: FetchedManifest,
  context: SourceContext,
): Promise<readonly IndexEntry[]> {
  const indexes = new Map([[source.descriptor.digest, source]]);
  const walk = walkGraph(source.descriptor, {
    signal: context.signal,
    ahead: CONCURRENCY,
    read: async (target) => {
      const index = indexes.get(target.digest) ?? (await fetchManifest(request.reference, target, context));
      indexes.set(target.digest, index);
      return index.document;
    },
    childrenOf: (document) => (document.type === 'index' ? document.manifests.filter(isBareIndex) : []),
    onProblem: (target, error) => passOver(request, { target, error }, context),
  });
  for await (const _ of walk);
  return flatten(source, indexes, new Set());
}

/** Warns about an entry without a platform that the registry does not have. @throws `error` if it is any other */
export function passOver(
  { name }: Pick<ImageRequest, 'name'>,
  { target, error }: { readonly target: Descriptor; readonly error: unknown },
  { warn }: SourceContext,
): void {
  if (!isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) throw error;
  warn({
    level: 'warning',
    message: `Image "${name}" lists "${target.digest}", which its registry does not have: the bundle goes without it`,
    hint: 'It names no platform, so what it was is not known. If something is missing, have the image pushed again.',
  });
}

/** Expands each nested index once: otherwise a few small documents could list more than memory holds. */
function flatten(
  source: FetchedManifest,
  indexes: ReadonlyMap<Digest, FetchedManifest>,
  seen: Set<Digest>,
): readonly IndexEntry[] {
  const { document } = source;
  if (document.type !== 'index') return [];
  const written = entriesOf(source);
  return document.manifests.flatMap((descriptor, at) => {
    const inner = isBareIndex(descriptor) ? indexes.get(descriptor.digest) : undefined;
    if (inner === undefined) return [{ descriptor, written: written[at] ?? {} }];
    if (seen.has(descriptor.digest)) return [];
    seen.add(descriptor.digest);
    return flatten(inner, indexes, seen);
  });
}

function isBareIndex({ mediaType, platform }: Descriptor): boolean {
  return isIndexType(mediaType) && platform === undefined;
}
