import { statOf } from '../../disk/stat.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import { openBundle } from '../open.ts';
import { finalPath, kindOf, layOutput, pathsOf, resultPath } from '../output/layout.ts';
import type { BundlePlan } from '../plan/plan.ts';
import type { Shape } from '../shape.ts';
import { judgeSignature } from '../signing/prove.ts';
import type { WriteResult } from './write.ts';

/** Where an output goes, and in which shape. */
interface OutputPlace extends WaitOptions {
  readonly path: string;
  readonly shape: Shape;
}

/** Returns the bundle that an earlier build left where an output goes, or `undefined`. What is no bundle is none. */
export async function openEarlier({ path, shape, signal }: OutputPlace): Promise<OpenBundle | undefined> {
  const result = resultPath({ path, kind: kindOf(shape) });
  const found = await statOf(result);
  if (found?.isFile() !== true && found?.isDirectory() !== true) return undefined;
  try {
    return await openBundle(result, { signal });
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return undefined;
  }
}

/** The result of writing what was there already: nothing was fetched, and nothing written. */
export type UnchangedResult = WriteResult & { readonly unchanged: true };

/**
 * Returns the result of a build whose output is there already: the same root in files of the same names and sizes, and unsigned.
 * Its bytes are not read; that is what verifying is for. Otherwise returns `undefined`.
 */
export async function unchangedBy(
  earlier: OpenBundle,
  plan: BundlePlan,
  { path, shape, signal }: OutputPlace,
): Promise<UnchangedResult | undefined> {
  if (earlier.root !== plan.root) return undefined;
  const output = layOutput(plan, path, shape);
  for (const { file, size } of output.volumes) {
    const found = await statOf(finalPath(output, file));
    if (found?.isFile() !== true || found.size !== size) return undefined;
  }
  if ((await judgeSignature(earlier, { signal })).signature !== 'none') return undefined;
  return {
    root: plan.root,
    path: resultPath(output),
    paths: pathsOf(output),
    bytes: output.archive.size,
    blobs: plan.blobs.length,
    fetchedBytes: 0,
    reusedBytes: plan.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    unchanged: true,
  };
}
