import type { Upstream } from '../../spec/part.ts';

export const DOWNLOADS: Upstream = {
  name: 'rancherDownloads',
  url: 'https://github.com/rancher/rancher/releases/download',
  holds: 'lists of the images of a release of Rancher, at TAG/FILE',
};
