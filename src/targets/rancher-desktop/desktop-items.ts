import type { Bundle } from '../../bundle/bundle.ts';
import { desktopArchitecture } from '../../products/rancher-desktop/platform.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';
import type { TargetPlatform } from '../kind.ts';

/** Returns the K3s releases of a bundle that a desktop can use. */
export function desktopItems(bundle: Bundle, platform: TargetPlatform): readonly ItemOf<'k3s'>[] {
  const architecture = desktopArchitecture(platform);
  if (architecture === undefined) return [];
  return itemsFor(bundle, 'k3s', 'rancher-desktop').filter((item) =>
    item.architectures.includes(architecture),
  );
}
