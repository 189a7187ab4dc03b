import type { PlannedItem } from '../../../bundle/format/item.ts';
import { parseEngine } from '../../../engine/address.ts';
import { openEngineStore } from '../../../engine/open.ts';
import type { AskedImage, EngineStore, StoredImage } from '../../../engine/store.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { nearest } from '../../../internal/nearest.ts';
import { uniqueBy } from '../../../internal/order.ts';
import { quote } from '../../../internal/quote.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import type { SavedImage, SavedImages } from '../../../saved/images.ts';
import { openSent } from '../../../saved/open.ts';
import type { SourceContext } from '../../source.ts';
import { resolveHeld, type SavedRules } from '../saved/held.ts';
import { ENGINE_IMAGES } from '../saved/pin.ts';
import { looseImages } from './loose.ts';
import type { EnginePart } from './part.ts';

/** Most names that a hint lists. */
const SHOWN = 5;

/**
 * Turns an image of a container engine into an item. It is exported twice, once to be known and once to be written, so that none of it is
 * kept on disk; containerd is asked for each blob.
 *
 * @throws `ERR_ENGINE_FAILED`, `ERR_ARCHIVE_INVALID`, `ERR_UPSTREAM_NOT_FOUND`, `ERR_DIGEST_MISMATCH` when it is not what was asked for or locked, and what
 * `resolveHeld` throws
 */
export async function resolveStored(
  part: EnginePart,
  rules: SavedRules,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { host, signal } = context;
  const store = await openEngineStore(parseEngine(part.engine), host);
  await store.reach({ signal });
  const asked: AskedImage =
    part.id === undefined ? { by: 'name', text: part.reference } : { by: 'id', text: part.id };
  const found = await store.find(asked, { signal });
  if (found === undefined) throw await missing(store, asked, { signal });
  const saved = await imagesOf(store, found, part, { signal });
  const written = `${part.engine} ${part.id ?? part.reference}`;
  const { platforms } = part;
  const locked = { question: ENGINE_IMAGES, written, isWhole: false };
  return await resolveHeld({ saved, part: { platforms }, locked }, rules, context);
}

/** Returns the one image, under the name that the spec gives it. */
async function imagesOf(
  { title, content }: EngineStore,
  found: StoredImage,
  { reference: written }: EnginePart,
  { signal }: WaitOptions,
): Promise<SavedImages> {
  const path = `${title}, image ${found.id}`;
  const held =
    content.type === 'blobs'
      ? await looseImages(content, found, { written: path, signal })
      : await openSent(() => content.save(found, { signal }), { written: path, signal });
  const reference = parseReference(written);
  const name = formatReference(reference);
  const images = uniqueBy(held?.images ?? [], ({ descriptor }) => descriptor.digest);
  const [first] = images;
  if (held === undefined || first === undefined || images.length > 1)
    throw new SaddlebagError(
      'ERR_ARCHIVE_INVALID',
      `Cannot take image ${quote(name)} of ${path}: it sent ${images.length} images`,
    );
  requireAsked(path, first, reference.digest);
  const { descriptor, isMade } = first;
  const { blobs } = held;
  return { path, images: [{ name, descriptor, isMade }], attachments: [], blobs, others: [] };
}

/** An engine that keeps no manifest knows an image by a digest, and cannot give that image back. */
function requireAsked(path: string, { descriptor }: SavedImage, digest: string | undefined): void {
  if (digest === undefined || digest === descriptor.digest) return;
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot take image "${digest}" of ${path}: what the engine gives out is "${descriptor.digest}"`,
    {
      hint: 'Docker and Podman keep an image unpacked, and no registry has it like that. Ask for it by its tag, or take it from its registry.',
    },
  );
}

function fullName(text: string): string {
  return formatReference(parseReference(text));
}

async function missing(
  store: EngineStore,
  { by, text }: AskedImage,
  wait: WaitOptions,
): Promise<SaddlebagError> {
  const names = by === 'id' ? [] : await store.names(wait);
  const near = by === 'id' ? undefined : (nearest(text, names) ?? nearest(fullName(text), names));
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  const listed = names.length === 0 ? undefined : names.slice(0, SHOWN).map(quote).join(', ') + more;
  const hint =
    near === undefined
      ? listed === undefined
        ? 'Look at what it has, with its own client.'
        : `It has ${listed}.`
      : `Did you mean ${quote(near)}?`;
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find image ${quote(text)}: ${store.title} does not have it`,
    { hint },
  );
}
