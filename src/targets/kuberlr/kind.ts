import { sudoInvoker } from '../../disk/owner.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { folderFor } from '../given-folder.ts';
import { kuberlrFolder, otherKuberlrFolder } from '../host-paths.ts';
import { clientItems } from './client-items.ts';

const OPTION: TargetOption = {
  name: 'kuberlr',
  form: 'place',
  value: 'DIR',
  help: 'give kuberlr its kubectl clients; ~/.kuberlr when DIR is left out',
};

/** The clients of kuberlr, which is Rancher Desktop's `kubectl`. */
export const kuberlr: TargetKind = {
  name: 'kuberlr',
  option: OPTION,
  isDefault: true,
  isOnDisk: true,
  content: 'kubectl for kuberlr',
  isForPlatform: true,
  holds: (bundle, platform) => clientItems(bundle, platform).length > 0,
  async make(bundle, request) {
    const { kuberlrTarget } = await import('./kuberlr.ts');
    const folder = folderFor(OPTION, request, kuberlrFolder);
    const { platform, host, places } = request;
    const isNamed = places.some((place) => place !== true);
    const other = isNamed ? undefined : otherKuberlrFolder(host);
    return [kuberlrTarget(bundle, { folder, other, platform, invoker: sudoInvoker(host.env) })];
  },
  async takeBack(left, options) {
    const { fileRemovals } = await import('../uninstall/files.ts');
    return fileRemovals(left, { target: 'kuberlr' }, options);
  },
};
