import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { statOf } from '../../disk/stat.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { compareTags } from '../../products/distribution/tag.ts';
import { type FilePlace, locateFolder } from '../placed-files.ts';
import { programVersion } from './program-version.ts';
import type { NodeProduct } from './product.ts';

/** What a node has of a product, by the marks that the product leaves. */
export interface Installed {
  /** The release that counts for an upgrade: the one that was started last, or an older program that replaced it. */
  readonly release?: ReleaseTag | undefined;
  /** A newer release whose program is there and was not started yet. */
  readonly waiting?: ReleaseTag | undefined;
  /** Its program. */
  readonly program?: string | undefined;
}

/** Returns what a node has of a product; `undefined` for a node that has nothing of it. */
export async function installedOn(
  product: NodeProduct,
  at: FilePlace,
  wait: WaitOptions = {},
): Promise<Installed | undefined> {
  const { started, executables } = product.marks;
  const ran = await realPath(at, started);
  const programs = await Promise.all(executables.map(async (path) => await realPath(at, path)));
  const program = programs.find((path) => path !== undefined);
  if (ran === undefined && program === undefined) return undefined;
  const tags = await Promise.all(
    [ran, program].map(async (path) =>
      path === undefined ? undefined : await releaseAt(path, product, wait),
    ),
  );
  const [oldest, newest] = tags.filter((tag) => tag !== undefined).toSorted(compareTags);
  const isWaiting =
    newest !== undefined && oldest !== undefined && newest.tag !== oldest.tag && newest === tags[1];
  return { release: oldest, waiting: isWaiting ? newest : undefined, program };
}

/** RKE2 unpacks each release into a folder that is named after it; any other program says in itself which release it is. */
async function releaseAt(
  path: string,
  { parse, folderTag }: NodeProduct,
  { signal }: WaitOptions,
): Promise<ReleaseTag | undefined> {
  const named = path.split(/[\\/]/).map((part) => folderTag(part));
  const tag = named.find((each) => each !== undefined) ?? (await programVersion(path, { signal }));
  return tag === undefined ? undefined : parse(tag);
}

/** What cannot be looked at is not known, and nothing else is wrong with it. */
async function realPath(at: FilePlace, path: string): Promise<string | undefined> {
  try {
    const located = await locateFolder(at, join(at.folder, path));
    const real = await realpath(located);
    return (await statOf(real)) === undefined ? undefined : real;
  } catch {
    return undefined;
  }
}
