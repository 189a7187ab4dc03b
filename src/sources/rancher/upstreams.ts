import type { Upstream } from '../../spec/part.ts';

/** Below it is `<tag>/<asset>`. */
export const DOWNLOADS: Upstream = {
  name: 'rancherDownloads',
  url: 'https://github.com/rancher/rancher/releases/download',
};
