/** A part of Rancher that is left out or taken as a whole. */
export interface RancherPartKind {
  readonly name: string;
  /** The charts and words of the sources list that it stands for. */
  readonly sources: readonly string[];
  /** What does not work without it. */
  readonly without: string;
  /** Set for what every installation needs. */
  readonly isNeeded?: true;
}

/** Rancher itself, with what every cluster that it manages runs (rancher, `pkg/controllers/dashboard/systemcharts`). */
const NEEDED = 'rancher';

/** K3s and RKE2 as Rancher provisions and upgrades them: words of the sources list, by the name of the part. */
export const NODE_SOURCES = { k3s: 'k3sUpgrade', rke2: 'rke2All' } as const;

/**
 * The parts that are known, as users call them; every other chart of a release is a part of its own.
 *
 * @visibleForTesting
 */
export const RANCHER_PARTS: readonly RancherPartKind[] = [
  {
    name: NEEDED,
    sources: [
      'rancher',
      'core',
      'fleet',
      'fleet-agent',
      'rancher-webhook',
      'rancher-provisioning-capi',
      'rancher-turtles',
      'remotedialer-proxy',
      'system-upgrade-controller',
    ],
    without: 'Rancher does not start, or its clusters do not',
    isNeeded: true,
  },
  {
    name: 'k3s',
    sources: [NODE_SOURCES.k3s],
    without: 'Rancher cannot provision K3s clusters from the registry, nor upgrade them',
  },
  {
    name: 'rke2',
    sources: [NODE_SOURCES.rke2],
    without: 'Rancher cannot provision RKE2 clusters from the registry, nor upgrade them',
  },
  {
    name: 'system',
    sources: ['system'],
    without: 'authorized cluster endpoints do not work, nor do RKE clusters where the release has them',
  },
  {
    name: 'monitoring',
    sources: [
      'rancher-monitoring',
      'prometheus-federator',
      'rancher-project-monitoring',
      'rancher-alerting-drivers',
      'rancher-pushprox',
      'rancher-windows-exporter',
    ],
    without:
      'clusters and projects have no metrics, dashboards and alerts (Prometheus, Grafana, Alertmanager)',
  },
  {
    name: 'logging',
    sources: ['rancher-logging'],
    without: 'logs of clusters are neither collected nor sent on',
  },
  {
    name: 'istio',
    sources: ['rancher-istio', 'rancher-kiali-server', 'rancher-tracing'],
    without: 'clusters have no service mesh, and neither Kiali nor Jaeger',
  },
  {
    name: 'gatekeeper',
    sources: ['rancher-gatekeeper'],
    without: 'OPA Gatekeeper enforces no policies',
  },
  {
    name: 'backup',
    sources: ['rancher-backup'],
    without: 'Rancher cannot be backed up, restored or moved by its own operator',
  },
  {
    name: 'cis',
    sources: ['rancher-cis-benchmark', 'rancher-compliance'],
    without: 'clusters cannot be scanned against the CIS benchmarks',
  },
  { name: 'longhorn', sources: ['longhorn'], without: 'clusters have no block storage by Longhorn' },
  {
    name: 'neuvector',
    sources: ['neuvector', 'neuvector-monitor'],
    without: 'clusters have no container security by NeuVector',
  },
  {
    name: 'hosted',
    sources: ['rancher-aks-operator', 'rancher-eks-operator', 'rancher-gke-operator', 'rancher-ali-operator'],
    without: 'clusters of AKS, EKS, GKE and Alibaba Cloud can be neither created nor managed as such',
  },
  {
    name: 'harvester',
    sources: ['harvester-cloud-provider', 'harvester-csi-driver'],
    without: 'clusters on Harvester get no volumes and load balancers from it',
  },
  {
    name: 'vsphere',
    sources: ['rancher-vsphere-cpi', 'rancher-vsphere-csi'],
    without: 'clusters on vSphere get no volumes from it, and it does not know their nodes',
  },
  {
    name: 'extensions',
    sources: ['ui-extension', 'ui-plugin-catalog', 'ui-plugin-operator'],
    without: 'no extension can be added to the user interface',
  },
  {
    name: 'elemental',
    sources: ['elemental'],
    without: 'machines cannot be onboarded with Elemental',
  },
  { name: 'sriov', sources: ['sriov'], without: 'pods get no network devices by SR-IOV' },
  {
    name: 'windows-gmsa',
    sources: ['rancher-windows-gmsa'],
    without: 'pods on Windows cannot use group managed service accounts',
  },
  {
    name: 'wins-upgrader',
    sources: ['rancher-wins-upgrader'],
    without: 'wins on Windows nodes is not upgraded',
  },
  { name: 'epinio', sources: ['epinio'], without: 'no application can be pushed with Epinio' },
];

const BY_SOURCE = new Map(RANCHER_PARTS.flatMap((part) => part.sources.map((source) => [source, part])));

/** Returns the part that a source of the list belongs to. */
export function partOfSource(source: string): RancherPartKind {
  return BY_SOURCE.get(source) ?? ownPart(source);
}

/** Returns the part of this name. */
export function partCalled(name: string): RancherPartKind {
  return RANCHER_PARTS.find((part) => part.name === name) ?? ownPart(name);
}

function ownPart(name: string): RancherPartKind {
  return { name, sources: [name], without: `what the release lists under "${name}" cannot be installed` };
}
