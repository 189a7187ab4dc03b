import { join } from 'node:path';
import { valid } from 'semver';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { onlyFileOf } from '../item-files.ts';
import type { FileAtTarget } from '../placed-files.ts';
import { clientFolder, clientName } from '../../products/kubectl/kuberlr.ts';
import { clientItems } from './client-items.ts';
import type { Owner } from '../../disk/owner.ts';
import type { TargetPlatform } from '../kind.ts';
import { type Taken, taken } from '../taken.ts';

export interface KuberlrOptions {
  /** The `.kuberlr` folder, with one folder per platform. */
  readonly folder: string;
  /** Where else kuberlr may look on this host. */
  readonly other?: string | undefined;
  /** The desktop's platform. */
  readonly platform: TargetPlatform;
  /** Who called `sudo`: the clients must belong to the user who runs them. */
  readonly invoker?: Owner | undefined;
}

/** A client and its place. */
export interface KuberlrClient extends FileAtTarget {
  /** `linux-amd64` */
  readonly folder: string;
}

/** A client must be executable by everyone who can read it. */
const MODE = 0o755;

/**
 * Returns the clients of a bundle that a desktop can use, and their places.
 *
 * @throws `ERR_TARGET_REFUSED` when none of them can be placed
 */
export async function loadClients(
  bundle: Bundle,
  options: KuberlrOptions,
  wait: WaitOptions,
): Promise<Taken<KuberlrClient>> {
  const items = clientItems(bundle, options.platform);
  const loads = items.map(async (item): Promise<KuberlrClient> => {
    // The version becomes a file name, so it must be only a version.
    if (valid(item.version) !== item.version || /[-+]/.test(item.version)) {
      throw new SaddlebagError(
        'ERR_TARGET_REFUSED',
        `Cannot place kubectl "${item.name}": ${JSON.stringify(item.version)} is not a version kuberlr knows`,
      );
    }
    const folder = clientFolder(item.platform);
    const path = join(options.folder, folder, clientName(item.version, options.platform.os));
    const file = await onlyFileOf(bundle, item, wait);
    return { item, kind: item.kind, name: item.name, file, folder, path, mode: MODE };
  });
  return await taken(
    loads,
    (count) => `Cannot place clients for kuberlr: ${count} of ${items.length} would fail`,
  );
}
