import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { clientFolder } from '../../products/kubectl/kuberlr.ts';
import { fileTarget } from '../placed-files.ts';
import type { Target } from '../target.ts';
import { clientPlatforms } from './client-items.ts';
import { type KuberlrOptions, loadClients } from './clients.ts';
import { proveKuberlr } from './proof.ts';

const FOLDER_MODE = 0o750;

/** Makes the target that places clients where kuberlr finds them. */
export function kuberlrTarget(bundle: Bundle, options: KuberlrOptions): Target {
  const { folder, other, platform, invoker } = options;
  // kuberlr would take a partial file in the folder for a client, so files are written one level above.
  const at = { target: 'kuberlr', folder, workFolder: folder, folderMode: FOLDER_MODE, invoker };
  return fileTarget(bundle, at, {
    folders: [folder, ...clientPlatforms(platform).map((name) => join(folder, clientFolder(name)))],
    load: async (wait) => await loadClients(bundle, options, wait),
    prove: async (clients, { signal }) =>
      await proveKuberlr(bundle, clients, { folder, other, platform, at, signal }),
  });
}
