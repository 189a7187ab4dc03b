import type { Bundle } from '../bundle/bundle.ts';
import type { Digest } from '../oci/digest.ts';
import type { Registry } from '../oci/roles.ts';
import type { HostEnvironment } from './host-paths.ts';
import type { Receipt } from './receipts/receipt.ts';
import type { Target } from './target.ts';
import type { Removal, RemovalOptions } from './uninstall/step.ts';

/**
 * A system that bundles are installed into. Its folder holds everything about it, and `targets.ts` has one line for it:
 * options, help, messages, receipts and uninstall follow from that.
 */
export interface TargetKind {
  /** Its name in receipts and messages: `k3s-node`. */
  readonly name: string;
  /** The option that selects it. */
  readonly option: TargetOption;
  /** For kinds that share an option: whether a value selects this one. */
  readonly takes?: ((value: string) => boolean) | undefined;
  /** Options that say how to fill it. */
  readonly settings?: readonly TargetOption[] | undefined;
  /** Whether it is filled when no target is named. */
  readonly isDefault: boolean;
  /**
   * Whether its place is a folder on this disk. Otherwise its contents have names:
   * `registry.lab:5000/rancher/rancher:v2.9.2`.
   */
  readonly isOnDisk: boolean;
  /** Whether that is the root directory of another system; links must not lead out of it. */
  readonly isRoot?: boolean | undefined;
  /** What it takes from a bundle, in words: `K3s for a node`. */
  readonly content: string;
  /** Whether that differs from platform to platform. */
  readonly isForPlatform: boolean;
  /** Returns whether the bundle has something for it. */
  holds(bundle: Bundle, platform: TargetPlatform): boolean;
  /** Returns the targets a user asks for, one per place. @throws `ERR_USAGE_INVALID`, `ERR_CONTENT_NOT_FOUND` */
  make(bundle: Bundle, request: TargetRequest): Promise<readonly Target[]>;
  /** Returns the steps that take back what an install left at one place, in order. */
  takeBack(left: LeftThere, options: RemovalOptions): Promise<readonly Removal[]>;
}

/** An option of the commands that deal with targets. */
export interface TargetOption {
  /** `k3s-node` for `--k3s-node`. */
  readonly name: string;
  /** Whether it takes one value, an optional value (then written with `=`), one value each time it is repeated, or none. */
  readonly form: 'value' | 'place' | 'list' | 'flag';
  /** Name of the value in help: `DIR`. */
  readonly value?: string | undefined;
  /** The allowed values; any when left out. */
  readonly choices?: readonly string[] | undefined;
  readonly help: string;
  /** Whether it means nothing unless its target is named. */
  readonly needsTarget?: boolean | undefined;
  /** Checks a value. @throws `ERR_USAGE_INVALID` */
  readonly check?: ((value: string) => void) | undefined;
}

export interface TargetPlatform {
  readonly os: string;
  readonly architecture: string;
}

/** What targets are made with. */
export interface TargetContext {
  /** This host. */
  readonly host: HostEnvironment;
  /** The host that the bundle is installed for: this one, or another one whose directories are given. */
  readonly platform: TargetPlatform;
  readonly registryAt: (host: string) => Registry;
  /** Returns a repository of a registry that is known to have a blob. */
  readonly mountFrom?: ((host: string, digest: Digest) => string | undefined) | undefined;
  /** Names of the images to push; other missing images are not pushed. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** What a user asks for from one kind. */
export interface TargetRequest extends TargetContext {
  /**
   * The values of its option that select it, true for an option without a value; empty when it is filled by default.
   */
  readonly places: readonly (string | true)[];
  /** Returns the values of one of its settings, in the order they were given. */
  readonly setting: (name: string) => readonly string[];
  /** Returns whether one of its settings without a value is set. */
  readonly isSet: (name: string) => boolean;
}

/** What an install left at one place. */
export interface LeftThere {
  readonly place: string;
  /** Files, where the place is on this disk. */
  readonly paths: readonly string[];
  /** Names, where the place is not on this disk. */
  readonly references: Receipt['references'];
  /** Paths and references that an interrupted install was about to leave. They may be older than it, or not exist. */
  readonly maybe: ReadonlySet<string>;
  /** All that the install left, or may have left. */
  readonly receipt: Receipt;
}
