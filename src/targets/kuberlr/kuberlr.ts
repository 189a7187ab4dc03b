import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { makeFolder, requireWritable } from '../../disk/folder.ts';
import { contentOf } from '../item-files.ts';
import { CLIENT_MODE, type KuberlrClient, type KuberlrOptions, loadClients, planClient } from './clients.ts';
import { clientPlatforms } from './client-items.ts';
import { clientFolder } from '../../products/kubectl/kuberlr.ts';
import { proveKuberlr } from './proof.ts';
import { type Owner, ownerUnder } from '../../disk/owner.ts';
import { placedFile } from '../receipts/placed-file.ts';
import { place } from '../../disk/place.ts';
import type { Action, ActionResult, ApplyOptions, Target } from '../target.ts';

const FOLDER_MODE = 0o750;

/** Makes the target that puts clients where kuberlr finds them. */
export function kuberlrTarget(bundle: Bundle, options: KuberlrOptions): Target {
  const { folder, platform } = options;
  let loaded: Promise<readonly KuberlrClient[]> | undefined;
  const clients = (wait: WaitOptions): Promise<readonly KuberlrClient[]> =>
    (loaded ??= loadClients(bundle, options, wait));
  return {
    name: 'kuberlr',
    place: folder,
    isOnDisk: true,
    async reach() {
      const folders = clientPlatforms(platform).map((name) => join(folder, clientFolder(name)));
      for (const path of [folder, ...folders]) await requireWritable(path);
    },
    async plan(wait = {}) {
      const all = await clients(wait);
      return await Promise.all(all.map(async (client) => await planClient(client, wait)));
    },
    async apply(action, wait = {}) {
      const client = (await clients(wait)).find(({ path }) => path === action.destination);
      if (client === undefined) throw new TypeError(`no client was planned at "${action.destination}"`);
      const owner = await ownerUnder(folder, options.invoker);
      return await applyClient(bundle, action, { ...wait, client, folder, owner });
    },
    async prove(wait = {}) {
      return await proveKuberlr(bundle, await clients(wait), { ...wait, ...options });
    },
  };
}

async function applyClient(
  bundle: Bundle,
  action: Action,
  options: ApplyOptions & {
    readonly client: KuberlrClient;
    readonly folder: string;
    readonly owner: Owner | undefined;
  },
): Promise<ActionResult> {
  const { item, file, folder, path } = options.client;
  const { owner } = options;
  const digests = [item.descriptor.digest, file.descriptor.digest];
  const state = action.state === 'present' ? 'present' : (await planClient(options.client, options)).state;
  if (state === 'present') return { ...action, outcome: 'present', digests };
  for (const each of [options.folder, join(options.folder, folder)])
    await makeFolder(each, { mode: FOLDER_MODE, owner });
  const content = contentOf(bundle, file, options);
  // Half a client in the folder itself would be a client to kuberlr, so it grows one level above.
  await place(path, content, {
    mode: CLIENT_MODE,
    owner,
    workFolder: options.folder,
    kind: 'target',
    signal: options.signal,
  });
  return {
    ...action,
    outcome: state === 'missing' ? 'placed' : 'replaced',
    paths: [path],
    files: [placedFile(path, file.descriptor)],
    digests,
  };
}
