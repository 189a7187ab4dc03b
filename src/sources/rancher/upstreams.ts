import type { Upstream } from '../../spec/part.ts';

/** Files are at `<tag>/<asset>` below it. */
export const DOWNLOADS: Upstream = {
  name: 'rancherDownloads',
  url: 'https://github.com/rancher/rancher/releases/download',
};
