import { isDeepStrictEqual } from 'node:util';
import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { decodeDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { encodeIndex } from '../format/encode-index.ts';
import { type Item, kindOf } from '../format/item.ts';

/**
 * Compares `index.json`, by which other programs find the content, with the items of `bundle.json`: each item once, an
 * image by its full name under both keys, an artifact by no name at all. Unless it is `isLater`, of a minor version that we
 * do not know, nothing else may be in it: other programs believe a platform that is given there.
 */
export function faultsOfIndex(
  index: unknown,
  items: readonly Item[],
  options: { readonly isLater?: boolean | undefined } = {},
): readonly SaddlebagError[] {
  const faults = faultsOfEntries(index, items);
  return faults.length > 0 || options.isLater === true ? faults : faultsOfRest(index, items);
}

/** What of a list of the right items does not follow from them. */
function faultsOfRest(index: unknown, items: readonly Item[]): readonly SaddlebagError[] {
  const expected: unknown = JSON.parse(Buffer.from(encodeIndex(items)).toString());
  if (isDeepStrictEqual(index, expected)) return [];
  const [found, wanted] = [index, expected].map(manifestsIn);
  const place = found?.findIndex((entry, at) => !isDeepStrictEqual(entry, wanted?.[at])) ?? -1;
  const where = place < 0 ? 'a member of it does' : `manifests[${place}] does`;
  return [mismatch(`${where} not follow from bundle.json`)];
}

function manifestsIn(index: unknown): readonly unknown[] {
  const list = isRecord(index) ? index['manifests'] : undefined;
  return Array.isArray(list) ? list : [];
}

function faultsOfEntries(index: unknown, items: readonly Item[]): readonly SaddlebagError[] {
  if (!isRecord(index) || index['schemaVersion'] !== 2 || index['mediaType'] !== MEDIA_TYPE.ociIndex) {
    return [mismatch('it is not an OCI image index')];
  }
  const list: unknown = index['manifests'];
  if (!Array.isArray(list)) return [mismatch('it has no list of manifests')];
  const entries = list.map((value: unknown, place) =>
    decodeDescriptor(value, `index.json, manifests[${place}]`),
  );
  const unmatched = new Map<string, number>();
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    unmatched.set(key, (unmatched.get(key) ?? 0) + 1);
  }
  const faults: SaddlebagError[] = [];
  for (const item of items) {
    const key = keyOfItem(item);
    const count = unmatched.get(key) ?? 0;
    unmatched.set(key, count - 1);
    if (count < 1)
      faults.push(mismatch(`${kindOf(item)} ${quote(item.name)} is not listed as bundle.json has it`));
  }
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    if ((unmatched.get(key) ?? 0) > 0) {
      faults.push(mismatch(`it lists "${entry.digest}" ${namesOf(entry)}, which bundle.json does not have`));
      unmatched.set(key, 0);
    }
  }
  return faults;
}

function keyOfItem({ kind, name, descriptor }: Item): string {
  const { mediaType, digest, size } = descriptor;
  return JSON.stringify([mediaType, digest, size, ...(kind === 'image' ? [name, name] : [null, null])]);
}

function keyOfEntry({ mediaType, digest, size, annotations }: Descriptor): string {
  const names = [annotations?.[ANNOTATION.containerdName], annotations?.[ANNOTATION.refName]];
  return JSON.stringify([mediaType, digest, size, ...names.map((name) => name ?? null)]);
}

function namesOf({ annotations }: Descriptor): string {
  const name = annotations?.[ANNOTATION.containerdName] ?? annotations?.[ANNOTATION.refName];
  return name === undefined ? 'without a name' : `as ${quote(name)}`;
}

function mismatch(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot accept "index.json": ${fact}`);
}
