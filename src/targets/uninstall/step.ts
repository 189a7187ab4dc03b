import type { Owner } from '../../disk/owner.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Registry, WaitOptions } from '../../oci/roles.ts';
import type { HostEnvironment } from '../host-paths.ts';
import type { Claims, Heirloom } from './claims.ts';

/** What happened to one thing that an install left. */
export interface TakenBack {
  readonly target: string;
  /** The name in the receipt. */
  readonly kind: string;
  readonly name: string;
  /** A path, or a reference at a registry. */
  readonly destination: string;
  /** `absent` means that it was gone already. In a dry run, what would happen to it. */
  readonly outcome: 'removed' | 'kept' | 'absent';
}

/** The result of one step of an uninstall. */
export interface StepResult {
  readonly actions: readonly TakenBack[];
  readonly findings: readonly Finding[];
  /** What another receipt claims and is responsible for from now on. */
  readonly heirlooms: readonly Heirloom[];
  /** Settled entries of the receipt: paths, and references at registries. */
  readonly settled: readonly string[];
}

export interface StepOptions extends WaitOptions {
  readonly claims: Claims;
  /** Changes nothing. */
  readonly dryRun: boolean;
}

/** What targets need to take things back. */
export interface RemovalOptions extends StepOptions {
  /** Home folder of the user, which is never removed. */
  readonly home: string;
  /** Who called `sudo`. */
  readonly invoker?: Owner | undefined;
  readonly registryAt: (host: string) => Registry;
  /** This host, for what is taken back by a program of it. */
  readonly host: HostEnvironment;
}

/** One step of an uninstall. */
export interface Removal {
  /** What may be unreachable; after that, nothing more is tried there. */
  readonly at?: string | undefined;
  /** Takes it back; `gone` has the destinations that earlier steps removed, or would remove in a dry run. */
  run(gone: ReadonlySet<string>): Promise<StepResult>;
}

/** Joins the results of several steps. */
export function joinSteps(steps: readonly StepResult[]): StepResult {
  return {
    actions: steps.flatMap(({ actions }) => actions),
    findings: steps.flatMap(({ findings }) => findings),
    heirlooms: steps.flatMap(({ heirlooms }) => heirlooms),
    settled: steps.flatMap(({ settled }) => settled),
  };
}
