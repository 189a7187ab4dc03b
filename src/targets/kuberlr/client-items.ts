import type { Bundle } from '../../bundle/bundle.ts';
import { desktopClients } from '../../products/rancher-desktop/platform.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';
import type { TargetPlatform } from '../kind.ts';

/** Returns the platforms whose clients a host can run. kuberlr is also used without Rancher Desktop. */
export function clientPlatforms(platform: TargetPlatform): readonly string[] {
  return desktopClients(platform) ?? [`${platform.os}/${platform.architecture}`];
}

/** Returns the clients of a bundle that a host can use. */
export function clientItems(bundle: Bundle, platform: TargetPlatform): readonly ItemOf<'kubectl'>[] {
  const platforms = clientPlatforms(platform);
  return itemsFor(bundle, 'kubectl', 'kuberlr').filter((item) => platforms.includes(item.platform));
}
