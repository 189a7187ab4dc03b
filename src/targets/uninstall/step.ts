import type { Owner } from '../../disk/owner.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Registry, WaitOptions } from '../../oci/roles.ts';
import type { Claims, Heirloom } from './claims.ts';

/** What became of one thing that an install put somewhere. */
export interface TakenBack {
  readonly target: string;
  /** As in the receipt. */
  readonly kind: string;
  readonly name: string;
  /** A path, or a reference at a registry. */
  readonly destination: string;
  /** `absent` means that it had gone before. In a dry run, what would become of it. */
  readonly outcome: 'removed' | 'kept' | 'absent';
}

/** What one step of an uninstall comes to. */
export interface StepResult {
  readonly actions: readonly TakenBack[];
  readonly findings: readonly Finding[];
  /** What another receipt counts on, and has to answer for from now on. */
  readonly heirlooms: readonly Heirloom[];
  /** What of the receipt is settled: paths, and references at registries. */
  readonly settled: readonly string[];
}

export interface StepOptions extends WaitOptions {
  readonly claims: Claims;
  /** Changes nothing. */
  readonly dryRun: boolean;
}

/** What targets take things back with. */
export interface RemovalOptions extends StepOptions {
  /** Home folder of the user, which stays whatever is in it. */
  readonly home: string;
  /** Who called `sudo`. */
  readonly invoker?: Owner | undefined;
  readonly registryAt: (host: string) => Registry;
}

/** One step of an uninstall. */
export interface Removal {
  /** What may be out of reach: after that, nothing more is tried there. */
  readonly at?: string | undefined;
  /** Takes back; `gone` has the destinations that earlier steps have removed, or would have if this were no dry run. */
  run(gone: ReadonlySet<string>): Promise<StepResult>;
}

/** Returns what several steps come to. */
export function joinSteps(steps: readonly StepResult[]): StepResult {
  return {
    actions: steps.flatMap(({ actions }) => actions),
    findings: steps.flatMap(({ findings }) => findings),
    heirlooms: steps.flatMap(({ heirlooms }) => heirlooms),
    settled: steps.flatMap(({ settled }) => settled),
  };
}
