import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Item, ItemKind } from '../../bundle/format/item.ts';
import type { Route } from '../http/exchange.ts';
import type { Library } from '../holdings/library.ts';
import { sendNotFound } from '../http/not-found.ts';
import { sendBlob } from '../http/send-blob.ts';

/** An item of one kind. */
export type ItemOf<Kind extends ItemKind> = Extract<Item, { readonly kind: Kind }>;

/** Returns the items of one kind, in the order of the bundles. */
export function itemsOf<Kind extends ItemKind>(library: Library, kind: Kind): readonly ItemOf<Kind>[] {
  return library.items.map(({ item }) => item).filter((item): item is ItemOf<Kind> => item.kind === kind);
}

/** Returns the files of an item of one kind, or none if there is no such item. Throws as `Library.files`. */
export async function filesOfItem(
  library: Library,
  kind: ItemKind,
  name: string,
): Promise<readonly ArtifactFile[]> {
  const served = library.items.find(({ item }) => item.kind === kind && item.name === name);
  return served === undefined ? [] : await library.files(served);
}

/** Returns a route that sends a file, or answers that there is none. */
export function fileRoute(
  name: string,
  library: Library,
  find: () => Promise<ArtifactFile | undefined>,
): Route {
  return {
    name,
    handle: async (exchange) => {
      const file = await find();
      if (file === undefined) return sendNotFound(exchange);
      const type = mediaTypeOf(file.name);
      await sendBlob(exchange, file.descriptor.digest, { blobs: library.blobs, type });
    },
  };
}

/** Browsers show text and save programs. */
function mediaTypeOf(name: string): string {
  if (/\.(txt|sh)$/.test(name)) return 'text/plain; charset=utf-8';
  return name.endsWith('.json') ? 'application/json; charset=utf-8' : 'application/octet-stream';
}
