import { join, relative, sep } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type FilePlace, fileTarget, locateFile } from '../placed-files.ts';
import type { Target } from '../target.ts';
import type { NodeFile } from './file.ts';
import { forgetImport } from './import-cache.ts';
import { installedOn } from './installed.ts';
import { orderFindings, requireInOrder } from './order.ts';
import { preflight } from './preflight.ts';
import type { NodeProduct } from './product.ts';
import { proveNode } from './proof.ts';

/** What a target for a node places. */
export interface NodeParts {
  readonly product: NodeProduct;
  readonly at: FilePlace;
  /** The release. */
  readonly release: string;
  /** Tags of all releases in the bundle that the node can run. */
  readonly carried: readonly string[];
  /** Whether the release may skip a minor release of what is there, or go back. */
  readonly isOutOfOrder?: boolean | undefined;
  /** Folders that must be writable. */
  readonly folders: readonly string[];
  /** Returns the files in the order they are placed. @throws `ERR_TARGET_REFUSED` */
  load(wait: WaitOptions): Promise<readonly NodeFile[]>;
  /** Returns the command that installs the release, when there is one. */
  command(files: readonly NodeFile[]): string | undefined;
}

/** Makes a target that places one release on a node, and proves it by the rules of the product and of its `install.sh`. */
export function nodeTarget(bundle: Bundle, parts: NodeParts): Target {
  const { product, at, release, folders, carried, isOutOfOrder = false } = parts;
  const placing = { product, release, carried };
  const images = join(at.folder, product.images);
  let loaded: Promise<readonly NodeFile[]> | undefined;
  const load = (wait: WaitOptions): Promise<readonly NodeFile[]> => (loaded ??= parts.load(wait));
  const target = fileTarget<NodeFile>(bundle, at, {
    folders,
    load: async (wait) => ({
      things: await load(wait),
      findings: [
        ...orderFindings(await installedOn(product, at, wait), placing),
        ...(await preflight(product, at)),
      ],
    }),
    prove: async (files, { signal }) => {
      const { name } = product;
      const command = parts.command(files);
      return await proveNode(files, { product: name, name: release, images, at, command, signal });
    },
  });
  return {
    ...target,
    async reach(wait = {}) {
      await target.reach(wait);
      if (!isOutOfOrder) requireInOrder(await installedOn(product, at, wait), placing);
    },
    async apply(action, options = {}) {
      const file = (await load(options)).find(({ path }) => path === action.destination);
      if (file?.role === 'images' && action.state !== 'present')
        await forgetImport(onNode(file.path, at), await locateFile(at, file.path));
      return await target.apply(action, options);
    },
  };
}

/** The path by which the node itself calls a file. */
function onNode(path: string, { folder }: FilePlace): string {
  return `/${relative(folder, path).split(sep).join('/')}`;
}
