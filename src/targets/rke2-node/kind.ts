import { join } from 'node:path';
import { folderFor } from '../given-folder.ts';
import type { HostEnvironment } from '../host-paths.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { OUT_OF_ORDER } from '../node/order.ts';
import { nodeItems } from './node-items.ts';

const OPTION: TargetOption = {
  name: 'rke2-node',
  form: 'place',
  value: 'ROOT',
  help: 'prepare an RKE2 node under the root directory ROOT; / when left out',
};
const VERSION: TargetOption = {
  name: 'rke2-version',
  form: 'value',
  value: 'TAG',
  help: 'the RKE2 release for the node, of several in the bundle; the highest when left out',
  needsTarget: true,
};

/** A node that will run RKE2: this host, or a disk mounted here. */
export const rke2Node: TargetKind = {
  name: 'rke2-node',
  option: OPTION,
  settings: [VERSION, OUT_OF_ORDER],
  isDefault: false,
  isOnDisk: true,
  isRoot: true,
  content: 'RKE2 for a node',
  isForPlatform: true,
  holds: (bundle, platform) => nodeItems(bundle, platform).length > 0,
  async make(bundle, request) {
    const { rke2NodeTarget } = await import('./rke2-node.ts');
    const root = folderFor(OPTION, request, ownRoot);
    const [version] = request.setting(VERSION.name);
    return [
      rke2NodeTarget(bundle, {
        root,
        platform: request.platform,
        version,
        isOutOfOrder: request.isSet(OUT_OF_ORDER.name),
      }),
    ];
  },
  async takeBack(left, options) {
    const { fileRemovals } = await import('../uninstall/files.ts');
    // Every Unix system has it.
    const floors = [join(left.place, 'var/lib')];
    return fileRemovals(left, { target: 'rke2-node', isRoot: true, floors }, options);
  },
};

/** RKE2 runs on Linux, and its agents on Windows too. */
function ownRoot(host: HostEnvironment): string | undefined {
  if (host.os === 'windows') return 'C:\\';
  return host.os === 'linux' ? '/' : undefined;
}
