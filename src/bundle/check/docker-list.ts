import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { WHOLE } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../../internal/quote.ts';
import { type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { dockerTagOf } from '../format/encode-docker-list.ts';
import { BLOB_FOLDER, LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { readHeadRows } from './read-head-json.ts';
import type { CheckReport } from './report.ts';

/**
 * Checks `manifest.json`, by which `docker load` finds images, against the images of the bundle as they are added: an entry must
 * be the config and the layers of one of their manifests, and a name must lead to an image that has it.
 */
export class DockerList {
  /** Places of entries by what they are made of, until a manifest made of the same is added. */
  readonly #strange = new Map<string, number[]>();
  /** What a name should lead to, until an image of that name that has it is added. */
  readonly #names = new Map<string, { readonly place: number; readonly content: string }>();
  readonly #faults: SaddlebagError[] = [];

  constructor(list: Iterable<unknown> | undefined, isHeld: (digest: Digest) => boolean) {
    if (list === undefined) this.#faults.push(mismatch('it is not a list'));
    let place = 0;
    for (const entry of list ?? []) this.#take(entry, place++, isHeld);
  }

  /** Adds a manifest of the image with this name. */
  see(name: string, { config, layers }: Manifest): void {
    const content = contentOf([config, ...layers].map(({ digest }) => digest));
    this.#strange.delete(content);
    const tag = dockerTagOf(name);
    if (tag !== undefined && this.#names.get(tag)?.content === content) this.#names.delete(tag);
  }

  /** Reports every entry that no image accounted for. */
  finish(report: CheckReport): void {
    for (const place of [...this.#strange.values()].flat())
      this.#faults.push(mismatch(`entry ${place} has content that belongs to no image of the bundle`));
    for (const [name, { place }] of this.#names)
      this.#faults.push(mismatch(`entry ${place} gives the name ${quote(name)} to another image`));
    for (const fault of this.#faults) report.add(LAYOUT.dockerList, fault);
  }

  #take(entry: unknown, place: number, isHeld: (digest: Digest) => boolean): void {
    const image = decodeEntry(entry);
    if (image?.isPlain !== true)
      this.#faults.push(mismatch(`entry ${place} is not as docker save writes it`));
    if (image === undefined) return;
    const digests = image.paths.map(digestIn).filter((digest) => digest !== undefined && isHeld(digest));
    // What a delta leaves out must not be in the list: its readers want all of an image at once.
    if (digests.length < image.paths.length)
      this.#faults.push(mismatch(`entry ${place} has content that belongs to no image of the bundle`));
    const content = contentOf(digests);
    if (digests.length === image.paths.length)
      this.#strange.set(content, [...(this.#strange.get(content) ?? []), place]);
    for (const name of image.names) {
      if (this.#names.has(name)) this.#faults.push(mismatch(`it gives the name ${quote(name)} twice`));
      this.#names.set(name, { place, content });
    }
  }
}

/** Returns the list of a bundle, or `undefined` when it is damaged or cannot be read, which is reported. */
export async function readDockerList(
  bundle: OpenBundle,
  options: WaitOptions & { readonly report: CheckReport },
): Promise<DockerList | undefined> {
  const { report, signal } = options;
  if (!report.isSound(LAYOUT.dockerList)) return undefined;
  const held = BlobTable.of(bundle.document.blobs);
  try {
    const { value, rows } = await readHeadRows(bundle, LAYOUT.dockerList, { signal, lists: [WHOLE] });
    return new DockerList(Array.isArray(value) ? rows(WHOLE) : undefined, (digest) => held.has(digest));
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    report.add(LAYOUT.dockerList, error);
    return undefined;
  }
}

interface DockerImage {
  /** Paths of the config and the layers. */
  readonly paths: readonly string[];
  readonly names: readonly string[];
  /** Whether it has exactly the three members of the form. */
  readonly isPlain: boolean;
}

/** One image as `docker save` lists it (moby, `image/spec/v1.2.md`, "manifest.json"). */
function decodeEntry(entry: unknown): DockerImage | undefined {
  if (!isRecord(entry)) return undefined;
  const { Config: config, RepoTags: tags, Layers: layers } = entry;
  const names = tags ?? [];
  if (typeof config !== 'string' || !isTexts(layers) || !isTexts(names)) return undefined;
  const isPlain = tags !== undefined && Object.keys(entry).length === 3;
  return { paths: [config, ...layers], names, isPlain };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function digestIn(path: string): Digest | undefined {
  const digest = `sha256:${path.slice(BLOB_FOLDER.length)}`;
  return path.startsWith(BLOB_FOLDER) && isDigest(digest) ? digest : undefined;
}

/** Returns a short text that identifies a list of digests. */
function contentOf(digests: readonly (Digest | undefined)[]): string {
  return digestOf(digests.join('\n'));
}

function mismatch(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot accept "manifest.json": ${fact}`);
}
