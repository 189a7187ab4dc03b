import { compareText } from '../../internal/order.ts';
import type { Digest } from '../../oci/digest.ts';

/** A file as an install left it. */
export interface PlacedFile {
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** A release tag that an install wrote into the list of versions at `path`, which did not have it. */
interface ListedTag {
  readonly path: string;
  readonly tag: string;
}

/** A name that an install gave to content at a place that is no folder, such as a registry. */
interface PushedReference {
  /** `HOST/REPOSITORY[:TAG]` */
  readonly reference: string;
  readonly digest: Digest;
}

/** What one action leaves at a target: by it, an uninstall knows it again. */
export interface Leaves {
  /** Files that are ours as a whole. */
  readonly files?: readonly PlacedFile[] | undefined;
  /** Files that are written and are not: lists of others, copies of what was there, images that share their content. */
  readonly paths?: readonly string[] | undefined;
  readonly listed?: readonly ListedTag[] | undefined;
  readonly references?: readonly PushedReference[] | undefined;
  /** Folders that were made for it, or are to be. */
  readonly folders?: readonly string[] | undefined;
}

/** What an install left, or was about to leave, all targets together. */
export interface Traces {
  readonly targets: readonly { readonly target: string; readonly place: string }[];
  readonly items: readonly { readonly kind: string; readonly name: string; readonly destination: string }[];
  /** Files that Saddlebag created or replaced. */
  readonly paths: readonly string[];
  /** What those of `paths` hold that are Saddlebag's as a whole; receipts of earlier versions do not say. */
  readonly files: readonly PlacedFile[];
  /** Tags that Saddlebag added to lists of versions. */
  readonly listed: readonly ListedTag[];
  /** What Saddlebag pushed, with the digest of what it stood for. */
  readonly references: readonly PushedReference[];
}

/** Nothing at all. */
export const NO_TRACES: Traces = {
  targets: [],
  items: [],
  paths: [],
  files: [],
  listed: [],
  references: [],
};

/** Returns all that is in either; where both say something of one thing, the later counts. */
export function uniteTraces(earlier: Traces, later: Traces): Traces {
  return combine(earlier, later, (left, right, key) => [
    ...new Map([...left, ...right].map((entry) => [key(entry), entry])).values(),
  ]);
}

/** Returns what the other does not speak of. */
export function withoutTraces(traces: Traces, others: Traces): Traces {
  return combine(traces, others, (left, right, key) => {
    const known = new Set(right.map(key));
    return left.filter((entry) => !known.has(key(entry)));
  });
}

/** Returns the same in an order that does not depend on that of the work, and nothing twice. */
export function sortTraces(traces: Traces): Traces {
  return combine(uniteTraces(NO_TRACES, traces), NO_TRACES, (entries, _, key) =>
    entries.toSorted((left, right) => compareText(key(left), key(right))),
  );
}

/** Returns whether there is nothing. */
export function isTraceless(traces: Traces): boolean {
  return Object.values(traces).every((entries: readonly unknown[]) => entries.length === 0);
}

type Join = <T>(left: readonly T[], right: readonly T[], key: (entry: T) => string) => readonly T[];

/** The key of an entry tells what it speaks of. */
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
