import { PROJECT } from '../../products/rke2/place.ts';
import type { Upstream } from '../../spec/part.ts';

/** rancher/channelserver. */
export const CHANNELS: Upstream = {
  name: 'rke2Channels',
  url: 'https://update.rke2.io/v1-release/channels',
  holds: 'the channels of RKE2 and their releases, one document',
};

export const RELEASES: Upstream = {
  name: 'rke2Releases',
  url: `https://api.github.com/repos/${PROJECT}/releases`,
  holds: "the list of RKE2 releases, as GitHub's API has it, and each of them at tags/TAG",
};

export const DOWNLOADS: Upstream = {
  name: 'rke2Downloads',
  url: `https://github.com/${PROJECT}/releases/download`,
  holds: 'files of RKE2 releases, at TAG/FILE',
};

export const SOURCE: Upstream = {
  name: 'rke2Source',
  url: `https://raw.githubusercontent.com/${PROJECT}`,
  holds: 'install.sh and install.ps1 of RKE2, at TAG/FILE',
};
