import { PROJECT } from '../../products/k3s/place.ts';
import type { Upstream } from '../../spec/part.ts';

/** rancher/channelserver. */
export const CHANNELS: Upstream = {
  name: 'k3sChannels',
  url: 'https://update.k3s.io/v1-release/channels',
  holds: 'the channels of K3s and their releases, one document',
};

export const RELEASES: Upstream = {
  name: 'k3sReleases',
  url: `https://api.github.com/repos/${PROJECT}/releases`,
  holds: "the list of K3s releases, as GitHub's API has it",
};

export const DOWNLOADS: Upstream = {
  name: 'k3sDownloads',
  url: `https://github.com/${PROJECT}/releases/download`,
  holds: 'files of K3s releases, at TAG/FILE',
};

export const SOURCE: Upstream = {
  name: 'k3sSource',
  url: `https://raw.githubusercontent.com/${PROJECT}`,
  holds: 'install.sh of K3s, at TAG/install.sh',
};
