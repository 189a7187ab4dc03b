import { PROJECT } from '../../products/rancher/place.ts';
import type { Upstream } from '../../spec/part.ts';

export const DOWNLOADS: Upstream = {
  name: 'rancherDownloads',
  url: `https://github.com/${PROJECT}/releases/download`,
  holds: 'lists of the images of a release of Rancher, at TAG/FILE',
};

export const RELEASES: Upstream = {
  name: 'rancherReleases',
  url: `https://api.github.com/repos/${PROJECT}/releases`,
  holds: "the list of Rancher releases, as GitHub's API has it; asked for an upgrade alone",
};
