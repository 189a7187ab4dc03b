/** Where K3s is at GitHub, owner and name. */
export const PROJECT = 'k3s-io/k3s';

/** Where a node imports images from at every start (K3s documentation, "Air-Gap Install"); it takes everything there. */
export const AGENT_IMAGES = '/var/lib/rancher/k3s/agent/images';
