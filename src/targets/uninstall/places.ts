import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import { nodeLayout } from '../k3s-node/layout.ts';
import { isPushed, type Receipt } from '../receipts/receipt.ts';
import type { PlacedUnit } from './files.ts';

/** What of a receipt lies on this disk, by the way it is taken back. */
export interface PlacedParts {
  readonly units: readonly PlacedUnit[];
  /** Lists of versions, with the cache they are in. */
  readonly lists: readonly { readonly path: string; readonly cache: string }[];
  /** Folders with images that `bundle serve` answers for. */
  readonly layouts: readonly string[];
  /** Paths that lie at none of the receipt's targets. */
  readonly strays: readonly string[];
}

/** Returns whether `inner` is `outer` or lies in it. */
export function isWithin(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Sorts the paths of a receipt. What lies outside of its targets is never touched, whatever the receipt says. */
export function placedParts(receipt: Receipt, home: string): PlacedParts {
  const places = receipt.targets
    .filter(({ target }) => target !== 'registry')
    .map(({ target, place }) => ({ target, place: resolve(place) }))
    // The disk of a node may hold all the others, so the nearest place counts.
    .sort((left, right) => right.place.length - left.place.length);
  const lists = new Map<string, string>();
  const layouts = new Set<string>();
  const strays: string[] = [];
  const units = new Map<string, PlacedUnit>();
  for (const path of receipt.paths) {
    const at = places.find(({ place }) => path !== place && isWithin(place, path));
    if (at === undefined) strays.push(path);
    else if (at.target === 'embedded') layouts.add(at.place);
    else if (at.target === 'rancher-desktop' && dirname(path) === at.place) {
      // Beside the list lies what was there before it, which is the user's.
      if (path === join(at.place, VERSION_LIST)) lists.set(path, at.place);
    } else {
      const destination = at.target === 'rancher-desktop' ? dirname(path) : path;
      const paths = [...(units.get(destination)?.paths ?? []), path];
      const floors = [home, ...floorsOf(at.target, at.place)];
      units.set(destination, { ...at, ...itemAt(receipt, destination), destination, paths, floors });
    }
  }
  return {
    units: [...units.values()],
    lists: [...lists].map(([path, cache]) => ({ path, cache })),
    layouts: [...layouts],
    strays,
  };
}

function itemAt(receipt: Receipt, destination: string): { readonly kind: string; readonly name: string } {
  const item = receipt.items.find(
    (each) => !isPushed(each) && resolve(each.destination) === resolve(destination),
  );
  return { kind: item?.kind ?? 'file', name: item?.name ?? destination };
}

/** The place itself is the user's, and so are the folders that every Unix system has. */
function floorsOf(target: string, place: string): readonly string[] {
  if (target !== 'k3s-node') return [place];
  return [place, nodeLayout(place).bin, join(place, 'usr/local/share'), join(place, 'var/lib')];
}
