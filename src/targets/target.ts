import type { Finding } from '../internal/finding.ts';
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
  /** bytes to be written or sent; 0 when it is there already */
  readonly bytes: number;
  /** `present` means that the target has it already, checked byte for byte or by digest. */
  readonly state: 'missing' | 'present' | 'different';
  /** Folder that its bytes go to, when links lead away from where it seems to go. */
  readonly folder?: string | undefined;
  /** What is at the target when it is done, whoever brought it. */
  readonly leaves?: Leaves | undefined;
  /** Blobs of the bundle that are read for it; none when it is there already. */
  readonly needs?: readonly Digest[] | undefined;
}

/** What became of an action. */
export interface ActionResult extends Action {
  readonly outcome: 'placed' | 'replaced' | 'pushed' | 'merged' | 'present';
  /** What it created or replaced; nothing of what it found in place. */
  readonly leaves?: Leaves | undefined;
  /** Content that is at the destination now, whether this action brought it or found it: a later delta may count on it. */
  readonly digests?: readonly Digest[] | undefined;
}

/** Options of applying an action. */
export interface ApplyOptions extends WaitOptions {
  /** Told how many bytes went over since it was called last. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Told what will be left that was not planned so, before it is; the action goes on when that is written down. */
  readonly onLeaving?: ((leaves: Leaves) => Promise<void>) | undefined;
}

/** The offline side of a bundle: plans, applies, proves. Made by a function that takes the bundle and its options. */
export interface Target {
  /** Name of its kind. */
  readonly name: string;
  /** Where it writes, for people: a directory or a registry. */
  readonly place: string;
  /** Whether that is a folder of this disk. */
  readonly isOnDisk: boolean;
  /** How many actions may be under way at a time; one after the other when left out. */
  readonly actionsAtOnce?: number | undefined;
  /** Makes sure, with little work, that the target is there and can be written to. @throws when it cannot be used at all */
  reach(options?: WaitOptions): Promise<void>;
  /** Says what would change and changes nothing. @throws when the target cannot be used at all */
  plan(options?: WaitOptions): Promise<readonly Action[]>;
  /** Optional: says what of the bundle is meant for the target and not taken by it, and why. Nothing is changed either. */
  leftOut?(options?: WaitOptions): Promise<readonly Finding[]>;
  /** Optional: makes sure that what the plan needs at the other side is there, before any action of any target. */
  prepare?(actions: readonly Action[], options?: WaitOptions): Promise<void>;
  /** Optional: returns the actions in groups, each of which waits for the end of the one before it. */
  stagesOf?(actions: readonly Action[]): readonly (readonly Action[])[];
  /** Does one action, atomically; doing it twice does it once. */
  apply(action: Action, options?: ApplyOptions): Promise<ActionResult>;
  /** Reads the target again the way its real consumer does. */
  prove(options?: WaitOptions): Promise<readonly Finding[]>;
}
