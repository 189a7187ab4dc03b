import { kubernetesFor } from '../rancher/kubernetes.ts';
import type { ReleaseNumbers } from './numbers.ts';

/** What can be upgraded step by step. */
export type UpgradeProduct = 'K3s' | 'RKE2' | 'Rancher' | 'Rancher Desktop';

/** The releases that one product passes through, in order. */
export interface ProductPath {
  readonly product: UpgradeProduct;
  readonly steps: readonly ReleaseNumbers[];
}

/** One step of an upgrade. */
interface UpgradeStep {
  readonly product: UpgradeProduct;
  /** Its tag. */
  readonly release: string;
}

/** A step after which Rancher runs on a Kubernetes that is newer than it takes. */
export interface UpgradeMisfit {
  /** Tag of Rancher, or `v2.8` where the upgrade starts. */
  readonly rancher: string;
  readonly kubernetes: UpgradeStep;
}

/** The steps of several products in one order, and where they do not fit each other. */
export interface UpgradeOrder {
  readonly steps: readonly UpgradeStep[];
  readonly misfits: readonly UpgradeMisfit[];
}

/**
 * Returns the steps of all paths in one order. The Kubernetes below Rancher must be one that it takes before and after each step of
 * its own: so Kubernetes goes as far as the present Rancher takes it, then Rancher goes a step, and so on.
 */
export function upgradeOrder(paths: readonly ProductPath[]): UpgradeOrder {
  const walks = paths.map((path) => new Walk(path));
  const clusters = walks.filter(({ product }) => product === 'K3s' || product === 'RKE2');
  const rancher = walks.find(({ product }) => product === 'Rancher');
  const steps: UpgradeStep[] = [];
  const misfits: UpgradeMisfit[] = [];
  const take = (walk: Walk): void => {
    const step = walk.take();
    steps.push(step);
    if (rancher === undefined || walk === rancher || !clusters.includes(walk)) return;
    if (rancher.allows(walk.minor) === false) misfits.push({ rancher: rancher.reached, kubernetes: step });
  };
  for (const next of rancher?.ahead ?? []) {
    for (const cluster of clusters)
      for (const { minor } of cluster.ahead)
        if (rancher?.allows(minor) === true || cluster.minor < (kubernetesFor(next.minor)?.lowest ?? 0))
          take(cluster);
    if (rancher !== undefined) take(rancher);
  }
  for (const walk of walks) for (const _ of walk.ahead) take(walk);
  return { steps, misfits };
}

/** A path that is being walked. */
class Walk {
  readonly product: UpgradeProduct;
  /** Tag of the release that it has reached. */
  reached: string;
  /** Its minor: before the first step that below it. */
  minor: number;
  readonly #todo: ReleaseNumbers[];

  constructor({ product, steps }: ProductPath) {
    const [first] = steps;
    this.product = product;
    this.#todo = [...steps];
    this.minor = (first?.minor ?? 0) - 1;
    this.reached = `v${first?.major ?? 0}.${this.minor}`;
  }

  /** The steps that are left. */
  get ahead(): readonly ReleaseNumbers[] {
    return [...this.#todo];
  }

  take(): UpgradeStep {
    const release = this.#todo.shift();
    if (release === undefined) throw new TypeError('the path has no step left');
    this.minor = release.minor;
    this.reached = release.tag;
    return { product: this.product, release: release.tag };
  }

  /** Whether this Rancher takes a minor of Kubernetes; `undefined` when that is not known. */
  allows(minor: number): boolean | undefined {
    const range = kubernetesFor(this.minor);
    return range === undefined ? undefined : minor <= range.highest;
  }
}
