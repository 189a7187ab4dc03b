import type { Bundle } from '../bundle/bundle.ts';
import type { Digest } from '../oci/digest.ts';
import type { Registry } from '../oci/roles.ts';
import type { HostEnvironment } from './host-paths.ts';
import type { Receipt } from './receipts/receipt.ts';
import type { Target } from './target.ts';
import type { Removal, RemovalOptions } from './uninstall/step.ts';

/**
 * A system that bundles are installed into. All there is to know of it is in its folder, and `targets.ts` has a line for it:
 * options, help, messages, receipts and uninstall follow from that.
 */
export interface TargetKind {
  /** What receipts and messages call it: `k3s-node`. */
  readonly name: string;
  /** The option that chooses it. */
  readonly option: TargetOption;
  /** Of kinds that share an option: whether a value of it means this one. */
  readonly takes?: ((value: string) => boolean) | undefined;
  /** Options that say how to fill it. */
  readonly settings?: readonly TargetOption[] | undefined;
  /** Whether it is filled when no target is named. */
  readonly isDefault: boolean;
  /** Whether its place is a folder of this disk. Otherwise what it holds has names: `registry.lab:5000/rancher/rancher:v2.9.2`. */
  readonly isOnDisk: boolean;
  /** Whether that is the root directory of another system, out of which no link leads. */
  readonly isRoot?: boolean | undefined;
  /** What it takes out of a bundle, for people: `K3s for a node`. */
  readonly content: string;
  /** Whether that differs from platform to platform. */
  readonly isForPlatform: boolean;
  /** Returns whether the bundle has something for it. */
  holds(bundle: Bundle, platform: TargetPlatform): boolean;
  /** Returns the targets that a user asks for, one for each place. @throws `ERR_USAGE_INVALID`, `ERR_CONTENT_NOT_FOUND` */
  make(bundle: Bundle, request: TargetRequest): Promise<readonly Target[]>;
  /** Returns what takes back the things that an install left at one place, in this order. */
  takeBack(left: LeftThere, options: RemovalOptions): Promise<readonly Removal[]>;
}

/** An option of the commands that deal with targets. */
export interface TargetOption {
  /** `k3s-node` for `--k3s-node`. */
  readonly name: string;
  /** With one value; with one that may be left out, and is then tied by `=`; or repeated, with a value each. */
  readonly form: 'value' | 'place' | 'list';
  /** What help calls the value: `DIR`. */
  readonly value: string;
  /** The words that the value may be; any when left out. */
  readonly choices?: readonly string[] | undefined;
  readonly help: string;
  /** Whether it means nothing unless its target is named. */
  readonly needsTarget?: boolean | undefined;
  /** Looks at a value. @throws `ERR_USAGE_INVALID` */
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
  /** The host that the bundle is installed for: this one, or another whose directories are named. */
  readonly platform: TargetPlatform;
  readonly registryAt: (host: string) => Registry;
  /** Returns a repository of a registry that is known to have a blob. */
  readonly mountFrom?: ((host: string, digest: Digest) => string | undefined) | undefined;
  /** Names of images beside which nothing that is missing at a registry is pushed. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** What a user asks of one kind. */
export interface TargetRequest extends TargetContext {
  /** The values of its option that mean it, true where none was given; none of them when it is filled by default. */
  readonly places: readonly (string | true)[];
  /** Returns the values of one of its settings, in the order they were given. */
  readonly setting: (name: string) => readonly string[];
}

/** What an install left at one place. */
export interface LeftThere {
  readonly place: string;
  /** Files, where the place is on this disk. */
  readonly paths: readonly string[];
  /** Names, where it is not. */
  readonly references: Receipt['references'];
  /** Paths and references that the install was only about to leave: they may have been there before, or not at all. */
  readonly maybe: ReadonlySet<string>;
  /** All that the install left, or may have left. */
  readonly receipt: Receipt;
}
