import type { Site } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { fileRoute, filesOfItem } from './shelf.ts';

/** Returns the lists of Rancher releases where GitHub has them. */
export function rancherSite(library: Library): Site {
  return ([owner, project, releases, download, tag = '', name = '', ...more]) => {
    const path = [owner, project, releases, download].join('/');
    if (path !== 'rancher/rancher/releases/download' || more.length > 0) return undefined;
    return fileRoute('rancher-download', library, async () =>
      (await filesOfItem(library, 'rancher', tag)).find((file) => file.name === name),
    );
  };
}
