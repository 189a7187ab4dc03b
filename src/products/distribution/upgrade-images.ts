/** A distribution of Kubernetes, as the names of its images have it. */
export type DistributionName = 'k3s' | 'rke2';

/**
 * Returns the image that upgrades a node to a release, `rancher/k3s-upgrade:v1.31.5-k3s1`: the system-upgrade-controller runs it,
 * and so does Rancher for a cluster that it imported (rancher, `pkg/image/external/external.go`).
 */
export function upgradeImage(distribution: DistributionName, tag: string): string {
  return `rancher/${distribution}-upgrade:${imageTag(tag)}`;
}

/**
 * Returns the image with which Rancher provisions a node with a release, `rancher/system-agent-installer-k3s:v1.31.5-k3s1`
 * (rancher, `pkg/image/external/external.go`).
 */
export function installerImage(distribution: DistributionName, tag: string): string {
  return `rancher/system-agent-installer-${distribution}:${imageTag(tag)}`;
}

/** A tag of an image has no `+`. */
function imageTag(tag: string): string {
  return tag.replaceAll('+', '-');
}
