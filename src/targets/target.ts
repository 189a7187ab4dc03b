import type { StagedFile, Staging } from '../disk/placing/staging.ts';
import type { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import type { Rows } from '../internal/table/rows.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Leaves } from './receipts/traces.ts';

/** One change that a target needs, or the statement that it needs none. */
export interface Action {
  /** Name of the target's kind. */
  readonly target: string;
  /** `image`, `k3s`, `kubectl`, `k3s-versions`, `file` */
  readonly kind: string;
  /** In the user's terms. */
  readonly name: string;
  /** Where it goes: a path, or a reference at a registry. */
  readonly destination: string;
  /** Bytes to write or send; 0 when it is there already. */
  readonly bytes: number;
  /** `present` means that the target has it already, checked byte for byte or by digest. */
  readonly state: 'missing' | 'present' | 'different';
  /** Folder that its bytes go to, when a link puts it elsewhere than the destination suggests. */
  readonly folder?: string | undefined;
  /** Folder in which its files grow until they are complete. */
  readonly workFolder?: string | undefined;
  /** What the action leaves at the target, no matter who put it there. */
  readonly leaves?: Leaves | undefined;
  /** Blobs read from the bundle for it; none when it is there already. */
  readonly needs?: Rows<Digest> | undefined;
}

/** The result of an action. */
export interface ActionResult extends Action {
  readonly outcome: 'placed' | 'replaced' | 'pushed' | 'merged' | 'present';
  /** What it created or replaced, without what was there already. */
  readonly leaves?: Leaves | undefined;
  /** Path of a copy of what was there before, when that was not understood. */
  readonly keptAside?: string | undefined;
  /**
   * Content now at the destination, whether this action brought it or found it; a later delta may rely on it. What is recorded of
   * it already may be left out.
   */
  readonly digests?: Rows<Digest> | undefined;
}

/** Options of applying an action. */
export interface ApplyOptions extends WaitOptions {
  /** Called with the number of bytes transferred since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Has files that were written before; the others are read from the bundle. */
  readonly staging?: Staging | undefined;
  /** Returns whether a receipt has this content, and so has all that it is made of. */
  readonly isRecorded?: ((digest: Digest) => boolean) | undefined;
  /** Called with unplanned traces before they are left; the action continues once they are recorded. */
  readonly onLeaving?: ((leaves: Leaves) => Promise<void>) | undefined;
}

/**
 * The offline side of a bundle: plans, applies, proves. Created by a function that takes the bundle and its options.
 */
export interface Target {
  /** Name of its kind. */
  readonly name: string;
  /** Where it writes, as shown to users: a directory or a registry. */
  readonly place: string;
  /** Whether that is a folder on this disk. */
  readonly isOnDisk: boolean;
  /** How many actions may run at once; one when left out. */
  readonly actionsAtOnce?: number | undefined;
  /** Checks cheaply that the target exists and can be written to. @throws when it cannot be used at all */
  reach(options?: WaitOptions): Promise<void>;
  /**
   * Optional: returns the warning with which an install goes on without it when it cannot be reached. Only a target that nobody
   * named has this.
   */
  readonly absence?: ((error: SaddlebagError) => Promise<Finding>) | undefined;
  /** Returns what would change, and changes nothing. @throws when the target cannot be used at all */
  plan(options?: WaitOptions): Promise<readonly Action[]>;
  /** Optional: reports what the bundle has for the target that the target does not accept, and why. Changes nothing. */
  leftOut?(options?: WaitOptions): Promise<readonly Finding[]>;
  /**
   * Optional: returns the files of actions that can be written before any of them is placed, while their content is verified. Changes
   * nothing.
   */
  staged?(actions: readonly Action[], options?: WaitOptions): Promise<readonly StagedFile[]>;
  /** Optional: makes sure that what the plan needs at the target exists, before any action of any target. */
  prepare?(actions: readonly Action[], options?: WaitOptions): Promise<void>;
  /** Optional: returns the actions in groups; each group starts when the one before it is done. */
  stagesOf?(actions: readonly Action[]): readonly (readonly Action[])[];
  /** Applies one action atomically; applying it twice has the same effect as once. */
  apply(action: Action, options?: ApplyOptions): Promise<ActionResult>;
  /** Reads the target again the way its real consumer does. */
  prove(options?: WaitOptions): Promise<readonly Finding[]>;
}
