import type { PlannedItem } from '../bundle/item.ts';
import { mapConcurrently } from '../internal/gate.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { Attachment } from '../oci/roles.ts';
import { fetchManifest, graphOf } from './image-graph.ts';
import type { SourceContext } from './source.ts';

const CONCURRENCY = 8;

/**
 * Returns what belongs to images and charts without being part of them: signatures, attestations, bills of materials. They
 * speak of the digest that is in the bundle: of an index made for the bundle nobody knows.
 */
export async function resolveSignatures(
  items: readonly PlannedItem[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { images } = context;
  if (images.attached === undefined) return [];
  const subjects = items.filter(({ item }) => item.kind === 'image' || item.kind === 'chart');
  const found = await mapConcurrently(subjects, CONCURRENCY, async ({ item }) => {
    const reference = parseReference(item.name);
    const { digest } = item.descriptor;
    const all = (await images.attached?.(reference, digest, context)) ?? [];
    return await Promise.all(
      all.map(async (each) => await planSignature(each, { reference, subject: digest }, context)),
    );
  });
  // One repository may have the same image under several tags: it is signed once.
  const byName = new Map(found.flat().map((planned) => [planned.item.name, planned]));
  return [...byName.values()];
}

async function planSignature(
  { tag, descriptor: { mediaType, digest, size } }: Attachment,
  {
    reference,
    subject,
  }: { readonly reference: Reference; readonly subject: PlannedItem['item']['descriptor']['digest'] },
  context: SourceContext,
): Promise<PlannedItem> {
  const { registry, repository } = reference;
  const place = { registry, repository, ...(tag === undefined ? { digest } : { tag }) };
  const root = await fetchManifest(place, { mediaType, digest, size }, context);
  return {
    item: {
      kind: 'signature',
      name: formatReference(place),
      subject,
      descriptor: { mediaType: root.document.mediaType, digest, size },
      audience: ['registry'],
    },
    blobs: await graphOf(place, root, context),
  };
}
