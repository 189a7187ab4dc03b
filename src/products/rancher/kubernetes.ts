/** Minors of Kubernetes 1 that a Rancher runs on: its local cluster must be one of them before, and after, an upgrade. */
export interface KubernetesRange {
  /** Left out where no lower bound is published. */
  readonly lowest?: number | undefined;
  readonly highest: number;
}

/**
 * By minor of Rancher 2, as of its first release; a patch may take a newer Kubernetes. The upper bounds are `kubeVersion` of the chart
 * (rancher, `chart/Chart.yaml`), the lower ones those of its shell (rancher/shell, `README.md`).
 */
const RANGES: ReadonlyMap<number, KubernetesRange> = new Map([
  [7, { highest: 24 }],
  [8, { highest: 27 }],
  [9, { lowest: 27, highest: 30 }],
  [10, { lowest: 28, highest: 31 }],
  [11, { lowest: 30, highest: 32 }],
  [12, { lowest: 31, highest: 33 }],
  [13, { lowest: 32, highest: 34 }],
  [14, { highest: 35 }],
  [15, { highest: 36 }],
]);

/** Returns the minors of Kubernetes that a minor of Rancher 2 takes, or `undefined` when that is not known. */
export function kubernetesFor(minor: number): KubernetesRange | undefined {
  return RANGES.get(minor);
}
