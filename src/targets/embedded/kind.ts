import { sudoInvoker } from '../../disk/owner.ts';
import { givenFolder } from '../given-folder.ts';
import type { TargetKind } from '../kind.ts';
import { registryItems } from '../registry/items.ts';
import { EMBEDDED, REGISTRY_OPTION } from '../registry/option.ts';

/** A folder of images that `bundle serve` can serve where there is no registry. */
export const embedded: TargetKind = {
  name: 'embedded',
  option: REGISTRY_OPTION,
  takes: (value) => value.startsWith(EMBEDDED),
  isDefault: false,
  isOnDisk: true,
  content: 'images',
  isForPlatform: false,
  holds: (bundle) => registryItems(bundle).length > 0,
  async make(bundle, { places, host }) {
    const { embeddedTarget } = await import('./embedded.ts');
    const option = { name: `${REGISTRY_OPTION.name} ${EMBEDDED}DIR` };
    const folders = places.flatMap((place) =>
      place === true ? [] : [givenFolder(place.slice(EMBEDDED.length), option)],
    );
    const invoker = sudoInvoker(host.env);
    return [...new Set(folders)].map((folder) => embeddedTarget(bundle, { folder, invoker }));
  },
  async takeBack(left, { dryRun }) {
    const { layoutRemovals } = await import('./removals.ts');
    return layoutRemovals(left, { dryRun });
  },
};
