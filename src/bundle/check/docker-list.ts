import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import type { Digest } from '../../oci/digest.ts';
import { blobPath } from '../format/layout.ts';

/**
 * Compares `manifest.json`, by which `docker load` finds images, with the images of `bundle.json`: a name must lead to
 * content of the image that has this name. `images` gives for each name the digests the image is made of.
 */
export function faultsOfDockerList(
  list: unknown,
  images: ReadonlyMap<string, ReadonlySet<Digest>>,
): readonly SaddlebagError[] {
  if (!Array.isArray(list)) return [mismatch('it is not a list')];
  const paths = new Map([...images].map(([name, digests]) => [name, new Set([...digests].map(blobPath))]));
  const namesByPath = new Map<string, string[]>();
  for (const [name, held] of paths) {
    for (const path of held) {
      const names = namesByPath.get(path) ?? [];
      names.push(name);
      namesByPath.set(path, names);
    }
  }
  return list.flatMap((entry: unknown, place) => {
    const image = decodeEntry(entry);
    if (image === undefined) return [mismatch(`entry ${place} is not of the form of docker save`)];
    const holders = (namesByPath.get(image.config) ?? []).filter((name) =>
      image.layers.every((layer) => paths.get(name)?.has(layer)),
    );
    if (holders.length === 0) return [mismatch(`entry ${place} has content of no image of the bundle`)];
    const names = new Set(holders.map((name) => name.replace(/@.*$/, '')));
    return image.tags
      .filter((tag) => !names.has(tag))
      .map((tag) => mismatch(`entry ${place} gives the name ${quote(tag)} to another image`));
  });
}

interface DockerImage {
  /** Paths of blobs. */
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

/** One image as `docker save` lists it (moby, `image/spec/v1.2.md`, "manifest.json"). */
function decodeEntry(entry: unknown): DockerImage | undefined {
  if (!isRecord(entry)) return undefined;
  const layers = textsOf(entry['Layers']);
  const tags = textsOf(entry['RepoTags'] ?? []);
  const config = entry['Config'];
  if (layers === undefined || tags === undefined || typeof config !== 'string') return undefined;
  return { config, layers, tags };
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((text) => typeof text === 'string');
  return texts.length === value.length ? texts : undefined;
}

function mismatch(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot accept "manifest.json": ${fact}`);
}
