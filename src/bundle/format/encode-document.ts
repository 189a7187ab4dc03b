import { jsonTexts } from '../../internal/json.ts';
import { orderAbout } from '../../oci/about/about.ts';
import { encodeDescriptor } from '../../oci/descriptor.ts';
import type { BlobRef, BundleDocument } from './document.ts';
import { type Item, kindOf } from './item.ts';

/** Returns the bytes of `bundle.json`, keys in one fixed order. Their digest is the root digest. */
export function encodeDocument(document: BundleDocument): Uint8Array {
  return Buffer.from([...documentTexts(document)].join(''));
}

/** Yields the same as text, in pieces. */
export function documentTexts(document: BundleDocument): Generator<string, void, undefined> {
  const { version, mediaType, name, about, created, signatureRoom, patchOf } = document;
  const { items, files, blobs, requires } = document;
  return jsonTexts({
    version,
    mediaType,
    name,
    // What is undefined is left out of the text.
    about: orderAbout(about),
    created,
    signatureRoom,
    patchOf,
    items: items.values().map(encodeItem),
    files: files.map(({ path, digest, size }) => ({ path, digest, size })),
    blobs: blobs.values().map(encodeBlob),
    requires: requires?.map((each) => ({
      root: each.root,
      name: each.name,
      blobs: each.blobs.map(encodeBlob),
    })),
  });
}

function encodeBlob({ digest, size }: BlobRef): BlobRef {
  return { digest, size };
}

/** Returns an item in the form of `bundle.json`. */
export function encodeItem(item: Item): Record<string, unknown> {
  const { kind, name, descriptor, audience } = item;
  const base = { kind: kindOf(item), name, descriptor: encodeDescriptor(descriptor), audience };
  // What is undefined is left out of the text.
  if (kind === 'image') return { ...base, at: item.at, platforms: item.platforms, spellings: item.spellings };
  if (kind === 'signature') return { ...base, at: item.at, subject: item.subject };
  if (kind === 'openshift') {
    const { version, architecture, image, keys, unsigned } = item;
    return { ...base, version, architecture, image, keys, unsigned };
  }
  if (kind === 'k3s') return { ...base, architectures: item.architectures };
  if (kind === 'rke2') return { ...base, architectures: item.architectures, windows: item.windows };
  if (kind === 'kubectl') return { ...base, version: item.version, platform: item.platform };
  if (kind === 'chart') {
    const { chart, version, images } = item;
    const found = images?.map((image) => ({ name: image.name, methods: image.methods }));
    return { ...base, chart, version, images: found };
  }
  return base;
}
