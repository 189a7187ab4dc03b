/** The GitHub repository of K3s, owner and name. */
export const PROJECT = 'k3s-io/k3s';

/** A node imports every archive in this folder at each start (K3s documentation, "Air-Gap Install"). */
export const AGENT_IMAGES = '/var/lib/rancher/k3s/agent/images';
