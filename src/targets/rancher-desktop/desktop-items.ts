import type { Bundle } from '../../bundle/bundle.ts';
import type { Finding } from '../../internal/finding.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import { parseDesktopTag } from '../../products/rancher-desktop/offer.ts';
import { desktopArchitecture } from '../../products/rancher-desktop/platform.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';
import type { TargetPlatform } from '../kind.ts';
import { leftOut } from '../taken.ts';

/** Returns the K3s releases of a bundle that a desktop can use. */
export function desktopItems(bundle: Bundle, platform: TargetPlatform): readonly ItemOf<'k3s'>[] {
  return itemsOn(bundle, platform).filter(({ name }) => parseDesktopTag(name) !== undefined);
}

/** Returns a warning for each release meant for a desktop whose name Rancher Desktop ignores. */
export function passedOver(bundle: Bundle, platform: TargetPlatform): readonly Finding[] {
  return itemsOn(bundle, platform)
    .filter(({ name }) => parseDesktopTag(name) === undefined)
    .map(({ name }) => {
      const isPreview = parseK3sTag(name)?.prerelease === true;
      const fact = isPreview ? 'it never offers a release candidate' : 'it knows no release by such a name';
      return leftOut(
        `Rancher Desktop does not take K3s ${JSON.stringify(name)}: ${fact}`,
        isPreview ? 'A node takes it: --k3s-node.' : undefined,
      );
    });
}

function itemsOn(bundle: Bundle, platform: TargetPlatform): readonly ItemOf<'k3s'>[] {
  const architecture = desktopArchitecture(platform);
  if (architecture === undefined) return [];
  return itemsFor(bundle, 'k3s', 'rancher-desktop').filter((item) =>
    item.architectures.includes(architecture),
  );
}
