import { PROJECT } from '../../products/k3s/place.ts';
import type { Upstream } from '../../spec/part.ts';

/** The list of channels (rancher/channelserver). */
export const CHANNELS: Upstream = {
  name: 'k3sChannels',
  url: 'https://update.k3s.io/v1-release/channels',
};

/** The list of releases, in GitHub's API. */
export const RELEASES: Upstream = {
  name: 'k3sReleases',
  url: `https://api.github.com/repos/${PROJECT}/releases`,
};

/** Files are at `<tag>/<asset>` below it. */
export const DOWNLOADS: Upstream = {
  name: 'k3sDownloads',
  url: `https://github.com/${PROJECT}/releases/download`,
};

/** The script is at `<tag>/install.sh` below it. */
export const SOURCE: Upstream = { name: 'k3sSource', url: `https://raw.githubusercontent.com/${PROJECT}` };
