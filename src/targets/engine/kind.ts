import { itemsFor } from '../item-files.ts';
import type { TargetKind, TargetOption } from '../kind.ts';
import { ENGINES, parseEngine } from '../../engine/address.ts';

const OPTION: TargetOption = {
  name: 'engine',
  form: 'list',
  value: 'NAME[=WHERE]',
  help: `load images into a container engine of this host, without a registry: ${ENGINES.join(', ')}; WHERE is a socket or a namespace; may be repeated`,
  check: (value) => void parseEngine(value),
};

/** Container engines of this host. */
export const engine: TargetKind = {
  name: 'engine',
  option: OPTION,
  isDefault: false,
  isOnDisk: false,
  content: 'images',
  isForPlatform: true,
  holds: (bundle) => itemsFor(bundle, 'image', 'registry').length > 0,
  async make(bundle, { places, host, platform, only }) {
    const { openEngine } = await import('../../engine/open.ts');
    const { engineTarget } = await import('./engine-target.ts');
    const named = [...new Set(places.filter((place) => place !== true))].map(parseEngine);
    // On a desktop the engine is in a virtual machine, and that runs Linux.
    const runs = { os: 'linux', architecture: platform.architecture };
    return await Promise.all(
      named.map(async (address) =>
        engineTarget(bundle, { engine: await openEngine(address, host), platform: runs, only }),
      ),
    );
  },
  async takeBack(left, options) {
    const { engineRemovals } = await import('./removals.ts');
    return engineRemovals(left, options);
  },
};
