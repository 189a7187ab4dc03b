/** The GitHub repository of RKE2, owner and name. */
export const PROJECT = 'rancher/rke2';

/** A node imports every archive in this folder at each start, and looks here for its own runtime before containerd runs. */
export const AGENT_IMAGES = '/var/lib/rancher/rke2/agent/images';
