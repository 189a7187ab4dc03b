/** Keys of `config.yaml` of K3s and RKE2 that no other file has (K3s and RKE2, "Configuration File"). */
const KEYS: ReadonlySet<string> = new Set([
  'system-default-registry',
  'airgap-extra-registry',
  'pause-image',
  'helm-job-image',
  'runtime-image',
  'etcd-image',
  'kube-apiserver-image',
  'kube-controller-manager-image',
  'kube-proxy-image',
  'kube-scheduler-image',
  'cloud-controller-manager-image',
  'private-registry',
  'embedded-registry',
  'kubelet-arg',
  'kube-apiserver-arg',
  'kube-proxy-arg',
  'kube-controller-manager-arg',
  'kube-scheduler-arg',
  'etcd-arg',
  'node-label',
  'node-taint',
  'node-ip',
  'node-name',
  'tls-san',
  'cluster-init',
  'cluster-cidr',
  'service-cidr',
  'cluster-dns',
  'write-kubeconfig-mode',
  'flannel-backend',
  'disable-cloud-controller',
  'disable-kube-proxy',
  'disable-network-policy',
  'cni',
  'ingress-controller',
  'data-dir',
  'token',
  'token-file',
  'agent-token',
  'server',
  'disable',
  'profile',
  'selinux',
  'protect-kernel-defaults',
  'secrets-encryption',
]);

/** Returns whether a document is the `config.yaml` of a K3s or RKE2 node. A key may end in `+`, which adds to an earlier file. */
export function isNodeConfig(document: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(document).map((key) => key.replace(/\+$/, ''));
  return keys.some((key) => KEYS.has(key)) && keys.every((key) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(key));
}

/** `sandbox_image` of containerd 1, `sandbox` below `pinned_images` of containerd 2. */
const SANDBOX = /^\s*sandbox(?:_image)?\s*=\s*["']([^"']+)["']/;

/** Returns the pause image that a line of containerd's `config.toml` names. */
export function sandboxImageIn(line: string): string | undefined {
  return SANDBOX.exec(line)?.[1];
}

/** Returns whether a text is settings of programs of a node: a unit of systemd, arguments of the kubelet, containerd's TOML. */
export function isNodeSettings(start: string): boolean {
  if (/^(?:apiVersion|kind):/m.test(start)) return false;
  return (
    /^\[(?:Unit|Service|plugins\b.*)\]\s*$/m.test(start) ||
    start.includes('--pod-infra-container-image') ||
    start.split('\n').some((line) => SANDBOX.test(line))
  );
}
