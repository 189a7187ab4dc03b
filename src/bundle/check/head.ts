import { collectBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { parseForeignJson } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { faultsOfDockerList } from './docker-list.ts';
import { faultsOfIndex } from './index-json.ts';
import type { ItemParts } from './items.ts';
import type { CheckReport } from './report.ts';
import { verifySums } from './sums.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import { LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/**
 * Checks that the files other programs read say the same as `bundle.json`. `parts` has the digests each item is made of,
 * if that is known. A file whose content is damaged is not looked at: all that could be said about it follows from that.
 */
export async function checkHead(
  bundle: OpenBundle,
  parts: ItemParts | undefined,
  options: WaitOptions & { readonly report: CheckReport },
): Promise<void> {
  const { report } = options;
  const checks: readonly [path: string, check: () => Promise<readonly SaddlebagError[]>][] = [
    [LAYOUT.sums, async () => (await verifySums(bundle, options), [])],
    [LAYOUT.ociLayout, async () => faultsOfOciLayout(await readJson(bundle, LAYOUT.ociLayout, options))],
    [
      LAYOUT.index,
      async () => faultsOfIndex(await readJson(bundle, LAYOUT.index, options), bundle.document.items),
    ],
    [
      LAYOUT.dockerList,
      async () =>
        faultsOfDockerList(await readJson(bundle, LAYOUT.dockerList, options), imagesOf(bundle, parts)),
    ],
  ];
  for (const [path, check] of checks) {
    const isKnown = path !== LAYOUT.dockerList || parts !== undefined;
    if (!isKnown || !report.isSound(path)) continue;
    for (const fault of await faultsOf(check)) report.add(path, fault);
  }
}

/** What a delta leaves out must not be in the list: those who read it want all of an image, and at once. */
function imagesOf(
  { document }: OpenBundle,
  parts: ItemParts = new Map(),
): ReadonlyMap<string, ReadonlySet<Digest>> {
  const held = new Set(document.blobs.map(({ digest }) => digest));
  const images = [...parts].filter(([{ kind }]) => kind === 'image');
  return new Map(
    images.map(([{ name }, digests]) => [name, new Set([...digests].filter((digest) => held.has(digest)))]),
  );
}

async function faultsOf(check: () => Promise<readonly SaddlebagError[]>): Promise<readonly SaddlebagError[]> {
  try {
    return await check();
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return [error];
  }
}

async function readJson(bundle: OpenBundle, path: string, options: WaitOptions): Promise<unknown> {
  const invalid = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot read "${path}": ${fact}`, { cause });
  const bytes = await collectBytes(bundle.archive.stream(path, options), {
    limit: DOCUMENT_LIMIT,
    onExcess: () => invalid(`it is larger than the ${DOCUMENT_LIMIT} bytes allowed`),
  });
  return parseForeignJson(bytes, { limit: DOCUMENT_LIMIT, fail: invalid });
}

/** OCI image-spec, image-layout.md: a reader must know the version. */
function faultsOfOciLayout(value: unknown): readonly SaddlebagError[] {
  if (isRecord(value) && value['imageLayoutVersion'] === '1.0.0') return [];
  const message = 'Cannot accept "oci-layout": it is not the mark of an OCI image layout, version 1.0.0';
  return [new SaddlebagError('ERR_BUNDLE_INVALID', message)];
}
