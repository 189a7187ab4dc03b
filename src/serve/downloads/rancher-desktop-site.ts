import { VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import type { Library } from '../holdings/library.ts';
import type { Site } from '../http/exchange.ts';
import { fileRoute, filesOfItem, itemsOf } from './shelf.ts';

/** Serves the versions for Rancher Desktop at `/rancher-desktop/k3s-versions.json`: it has no place upstream to stand in for. */
export function rancherDesktopSite(library: Library): Site {
  return ([first, name, ...more]) => {
    if (first !== 'rancher-desktop' || name !== VERSION_LIST || more.length > 0) return undefined;
    return fileRoute('rancher-desktop', library, async () => {
      const [item] = itemsOf(library, 'k3s-versions');
      const files = item === undefined ? [] : await filesOfItem(library, item.kind, item.name);
      return files.find((file) => file.name === name);
    });
  };
}
