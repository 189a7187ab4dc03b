import { sudoInvoker } from '../../disk/owner.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { folderFor } from '../given-folder.ts';
import { rancherDesktopCache } from '../host-paths.ts';
import { desktopItems } from './desktop-items.ts';

const OPTION: TargetOption = {
  name: 'rancher-desktop',
  form: 'place',
  value: 'DIR',
  help: 'fill the cache of Rancher Desktop; the one of this user when DIR is left out',
};

/** The cache of Rancher Desktop. */
export const rancherDesktop: TargetKind = {
  name: 'rancher-desktop',
  option: OPTION,
  isDefault: true,
  isOnDisk: true,
  content: 'K3s for Rancher Desktop',
  isForPlatform: true,
  holds: (bundle, platform) => desktopItems(bundle, platform).length > 0,
  async make(bundle, request) {
    const { rancherDesktopTarget } = await import('./rancher-desktop.ts');
    const cache = folderFor(OPTION, request, rancherDesktopCache);
    const { platform, host } = request;
    return [rancherDesktopTarget(bundle, { cache, platform, invoker: sudoInvoker(host.env) })];
  },
  async takeBack(left, options) {
    const { cacheRemovals } = await import('./removals.ts');
    return cacheRemovals(left, options);
  },
};
