import { join } from 'node:path';
import type { TargetKind, TargetOption } from '../kind.ts';
import { folderFor } from '../given-folder.ts';
import type { HostEnvironment } from '../host-paths.ts';
import { OUT_OF_ORDER } from '../node/order.ts';
import { nodeLayout } from './layout.ts';
import { nodeItems } from './node-items.ts';

const OPTION: TargetOption = {
  name: 'k3s-node',
  form: 'place',
  value: 'ROOT',
  help: 'prepare a K3s node under the root directory ROOT; / when left out',
};
const VERSION: TargetOption = {
  name: 'k3s-version',
  form: 'value',
  value: 'TAG',
  help: 'the K3s release for the node, of several in the bundle; the highest when left out',
  needsTarget: true,
};

/** A node that will run K3s: this host, or a disk mounted here. */
export const k3sNode: TargetKind = {
  name: 'k3s-node',
  option: OPTION,
  settings: [VERSION, OUT_OF_ORDER],
  isDefault: false,
  isOnDisk: true,
  isRoot: true,
  content: 'K3s for a node',
  isForPlatform: true,
  holds: (bundle, { architecture }) => nodeItems(bundle, architecture).length > 0,
  async make(bundle, request) {
    const { k3sNodeTarget } = await import('./k3s-node.ts');
    const root = folderFor(OPTION, request, ownRoot);
    const { architecture } = request.platform;
    const [version] = request.setting(VERSION.name);
    return [
      k3sNodeTarget(bundle, { root, architecture, version, isOutOfOrder: request.isSet(OUT_OF_ORDER.name) }),
    ];
  },
  async takeBack(left, options) {
    const { fileRemovals } = await import('../uninstall/files.ts');
    const { place } = left;
    // Every Unix system has these.
    const floors = [nodeLayout(place).bin, join(place, 'usr/local/share'), join(place, 'var/lib')];
    return fileRemovals(left, { target: 'k3s-node', isRoot: true, floors }, options);
  },
};

/** K3s runs on Linux only, so other systems have no default root. */
function ownRoot(host: HostEnvironment): string | undefined {
  return host.os === 'linux' ? '/' : undefined;
}
