import { compareText } from '../../internal/order.ts';
import type { Digest } from '../../oci/digest.ts';

/** A file as an install left it. */
export interface PlacedFile {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** For a symbolic link: where it leads; digest and size are those of this text. */
  readonly link?: string | undefined;
}

/** A release tag that an install added to the list of versions at `path`. */
interface ListedTag {
  readonly path: string;
  readonly tag: string;
}

/** A name that an install gave to content at a place that is not a folder, such as a registry. */
interface PushedReference {
  /** `HOST/REPOSITORY[:TAG]` */
  readonly reference: string;
  readonly digest: Digest;
}

/** What one action leaves at a target; an uninstall recognises it by this. */
export interface Leaves {
  /** Files that are entirely ours. */
  readonly files?: readonly PlacedFile[] | undefined;
  /**
   * Written files that are not entirely ours: other programs' lists, backup copies, images that share their content.
   */
  readonly paths?: readonly string[] | undefined;
  readonly listed?: readonly ListedTag[] | undefined;
  readonly references?: readonly PushedReference[] | undefined;
  /** Folders made, or to be made, for it. */
  readonly folders?: readonly string[] | undefined;
}

/** What an install left or was about to leave, at all targets. */
export interface Traces {
  readonly targets: readonly { readonly target: string; readonly place: string }[];
  readonly items: readonly { readonly kind: string; readonly name: string; readonly destination: string }[];
  /** Files that Saddlebag created or replaced. */
  readonly paths: readonly string[];
  /** Contents of those `paths` that are entirely Saddlebag's; missing in receipts of earlier versions. */
  readonly files: readonly PlacedFile[];
  /** Tags that Saddlebag added to lists of versions. */
  readonly listed: readonly ListedTag[];
  /** References that Saddlebag pushed, with the digest each pointed to. */
  readonly references: readonly PushedReference[];
}

/** No traces. */
export const NO_TRACES: Traces = {
  targets: [],
  items: [],
  paths: [],
  files: [],
  listed: [],
  references: [],
};

/** Merges two sets of traces; for the same thing, the later entry wins. */
export function uniteTraces(earlier: Traces, later: Traces): Traces {
  return combine(earlier, later, (left, right, key) => [
    ...new Map([...left, ...right].map((entry) => [key(entry), entry])).values(),
  ]);
}

/** Returns the traces that the other set does not have. */
export function withoutTraces(traces: Traces, others: Traces): Traces {
  return combine(traces, others, (left, right, key) => {
    const known = new Set(right.map(key));
    return left.filter((entry) => !known.has(key(entry)));
  });
}

/** Returns the traces without duplicates, in an order that does not depend on the order of the work. */
export function sortTraces(traces: Traces): Traces {
  return combine(traces, NO_TRACES, (entries, _, key) =>
    [...new Map(entries.map((entry) => [key(entry), entry]))]
      .sort(([left], [right]) => compareText(left, right))
      .map(([, entry]) => entry),
  );
}

/** Returns whether there are no traces. */
export function isTraceless(traces: Traces): boolean {
  return Object.values(traces).every((entries: readonly unknown[]) => entries.length === 0);
}

type Join = <T>(left: readonly T[], right: readonly T[], key: (entry: T) => string) => readonly T[];

/** The key identifies what an entry is about. */
function combine(left: Traces, right: Traces, join: Join): Traces {
  return {
    targets: join(left.targets, right.targets, ({ target, place }) => `${target} ${place}`),
    items: join(left.items, right.items, ({ kind, name, destination }) => `${kind} ${name} ${destination}`),
    paths: join(left.paths, right.paths, (path) => path),
    files: join(left.files, right.files, ({ path }) => path),
    listed: join(left.listed, right.listed, ({ path, tag }) => `${path} ${tag}`),
    references: join(left.references, right.references, ({ reference }) => reference),
  };
}
