import { collectBytes, equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { digestOf } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { faultsOfIndex } from './index-json.ts';
import { readHeadJson } from './read-head-json.ts';
import type { CheckReport } from './report.ts';
import { verifySums } from './sums.ts';
import { encodeIndex } from '../format/encode-index.ts';
import { encodeReadme } from '../format/encode-readme.ts';
import { LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { BUNDLE_VERSION } from '../plan/plan.ts';

/**
 * Checks that the files other programs read say the same as `bundle.json`. One whose content is damaged is not looked at: all
 * that could be said about it follows from that. `manifest.json` has a check of its own.
 */
export async function checkHead(
  bundle: OpenBundle,
  options: WaitOptions & { readonly report: CheckReport },
): Promise<void> {
  const { report } = options;
  const checks: readonly [path: string, check: () => Promise<readonly SaddlebagError[]>][] = [
    [LAYOUT.sums, async () => (await verifySums(bundle, options), [])],
    [LAYOUT.readme, async () => await faultsOfReadme(bundle, options)],
    [LAYOUT.ociLayout, async () => faultsOfOciLayout(await readHeadJson(bundle, LAYOUT.ociLayout, options))],
    [LAYOUT.index, async () => await faultsOfIndexFile(bundle, options)],
  ];
  for (const [path, check] of checks) {
    if (!report.isSound(path)) continue;
    for (const fault of await faultsOf(check)) report.add(path, fault);
  }
}

async function faultsOf(check: () => Promise<readonly SaddlebagError[]>): Promise<readonly SaddlebagError[]> {
  try {
    return await check();
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return [error];
  }
}

/** Nearly always it is as this program writes it, and then nobody need understand it. */
async function faultsOfIndexFile(
  bundle: OpenBundle,
  options: WaitOptions,
): Promise<readonly SaddlebagError[]> {
  const { items, version } = bundle.document;
  const file = bundle.contents.head.find(({ path }) => path === LAYOUT.index);
  if (file?.digest === digestOf(encodeIndex(items))) return [];
  const isLater = version !== BUNDLE_VERSION;
  return faultsOfIndex(await readHeadJson(bundle, LAYOUT.index, options), items, { isLater });
}

/** People do what it says. A later minor version may word it in another way. */
async function faultsOfReadme(bundle: OpenBundle, options: WaitOptions): Promise<readonly SaddlebagError[]> {
  const { name, version } = bundle.document;
  if (version !== BUNDLE_VERSION) return [];
  const expected = encodeReadme(name);
  const differs = (): SaddlebagError =>
    new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `Cannot accept "${LAYOUT.readme}": it is not the text that every bundle has`,
    );
  const found = await collectBytes(bundle.archive.stream(LAYOUT.readme, options), {
    limit: expected.length,
    onExcess: differs,
  });
  return equalBytes(found, expected) ? [] : [differs()];
}

/** OCI image-spec, image-layout.md: a reader must know the version. */
function faultsOfOciLayout(value: unknown): readonly SaddlebagError[] {
  if (isRecord(value) && value['imageLayoutVersion'] === '1.0.0') return [];
  const message = 'Cannot accept "oci-layout": it is not the mark of an OCI image layout, version 1.0.0';
  return [new SaddlebagError('ERR_BUNDLE_INVALID', message)];
}
