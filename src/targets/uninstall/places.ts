import { resolve } from 'node:path';
import { isWithin } from '../../disk/within.ts';
import type { LeftThere, TargetKind } from '../kind.ts';
import { allTraces, type Receipt } from '../receipts/receipt.ts';
import type { Traces } from '../receipts/traces.ts';

/** What an install left, by place. */
export interface SortedReceipt {
  readonly places: readonly { readonly kind: TargetKind; readonly left: LeftThere }[];
  /** Targets in the receipt that this program does not know, with what they left. */
  readonly unknown: readonly { readonly target: string; readonly place: string }[];
  /** Paths and references outside all targets of the receipt. */
  readonly strays: readonly string[];
}

/**
 * Sorts the entries of a receipt by target. Anything outside all targets is never touched, whatever the receipt says.
 */
export function sortReceipt(kept: Receipt, kinds: readonly TargetKind[]): SortedReceipt {
  const receipt = { ...kept, ...allTraces(kept) };
  const certain = new Set(namesOf(kept));
  const maybe = new Set(namesOf(receipt).filter((name) => !certain.has(name)));
  const places = receipt.targets
    .map(({ target, place }): Place => {
      const kind = kinds.find(({ name }) => name === target);
      return { target, kind, place: kind?.isOnDisk === false ? place : resolve(place) };
    })
    // A node's disk may contain all the other places, so the nearest place wins.
    .toSorted((left, right) => right.place.length - left.place.length);
  const paths = Map.groupBy(receipt.paths, (path) => places.find((place) => isFileAt(path, place)));
  const references = Map.groupBy(receipt.references, ({ reference }) =>
    places.find((place) => isNameAt(reference, place)),
  );
  const lost = (references.get(undefined) ?? []).map(({ reference }) => reference);
  return {
    places: places.flatMap((at) => {
      const left = {
        place: at.place,
        paths: paths.get(at) ?? [],
        references: references.get(at) ?? [],
        maybe,
        receipt,
      };
      return at.kind === undefined ? [] : [{ kind: at.kind, left }];
    }),
    unknown: places.filter((at) => at.kind === undefined && paths.has(at)),
    strays: [...(paths.get(undefined) ?? []), ...lost],
  };
}

interface Place {
  readonly target: string;
  readonly kind: TargetKind | undefined;
  readonly place: string;
}

function isFileAt(path: string, { kind, place }: Place): boolean {
  return kind?.isOnDisk !== false && path !== place && isWithin(place, path);
}

/** What is at a registry has a name that starts with the registry, including its prefix. */
function isNameAt(reference: string, { kind, place }: Place): boolean {
  return kind?.isOnDisk === false && reference.startsWith(`${place}/`);
}

function namesOf({ paths, references }: Traces): readonly string[] {
  return [...paths, ...references.map(({ reference }) => reference)];
}
