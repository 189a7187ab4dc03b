import { SaddlebagError } from '../../internal/error.ts';
import { isDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Engine, HeldImage } from '../engine.ts';
import type { ContainerdPlace } from '../locate.ts';
import { containerdClient } from './client.ts';

/** How often an image is sent at most. */
const TRIES = 3;

/**
 * Makes an engine that is containerd, through its own client `ctr`, which every version of it understands.
 *
 * @throws from its functions `ERR_TARGET_FAILED`, `ERR_TARGET_REFUSED`, `ERR_DISK_FULL`
 */
export function containerdEngine(place: Omit<ContainerdPlace, 'type'>): Engine {
  const { name, socket, namespace } = place;
  const client = containerdClient(place);
  const { title, ctr } = client;
  return {
    title,
    place: `engine:${name}:${namespace}@${socket}`,
    keepsDigests: true,
    reach: client.reach,
    async find(image, { signal } = {}) {
      const { status, stdout, words } = await ctr(['images', 'check', `name==${image}`], { signal });
      if (status === 0) return heldImage(stdout, image);
      throw new SaddlebagError('ERR_TARGET_FAILED', `Cannot ask for image "${image}" in ${title}: ${words}`);
    },
    async load(open, { name: image, platform, signal }) {
      const parameters = ['images', 'import', '--platform', platform, '-'];
      for (let tries = 1; ; tries += 1) {
        const { status, words } = await ctr(parameters, { input: open(), signal });
        if (status === 0) break;
        if (tries === TRIES || !isCollected(words)) throw loadError(words, { title, image });
      }
      // A client that says it is done may have left an image that lacks content.
      const held = await this.find(image, { signal });
      if (held?.isWhole !== true) throw loadError('it is not whole there afterwards', { title, image });
    },
    async remove(image, { signal }: WaitOptions = {}) {
      const { status, words } = await ctr(['images', 'remove', image], { signal });
      return status === 0 || /not found/i.test(words) ? undefined : words;
    },
  };
}

/**
 * Returns whether an import found a layer that was collected before the next one was put upon it: containerd does not hold on to what
 * it has unpacked for an image that was removed or replaced since.
 */
function isCollected(words: string): boolean {
  return /parent snapshot \S+ does not exist/.test(words);
}

/**
 * Reads the table of `ctr images check`: reference, type, digest, status, size, unpacked. Missing images have no row; what lacks
 * content says `incomplete (2/3)`.
 */
function heldImage(table: string, image: string): HeldImage | undefined {
  for (const line of table.split('\n')) {
    const [name, , digest, status] = line.split(/\s+/);
    if (name === image && isDigest(digest)) return { id: digest, isWhole: status === 'complete' };
  }
  return undefined;
}

function loadError(
  fact: string,
  { title, image }: { readonly title: string; readonly image: string },
): SaddlebagError {
  const message = `Cannot load image "${image}" into ${title}: ${fact}`;
  if (!/no space left/i.test(fact)) return new SaddlebagError('ERR_TARGET_FAILED', message);
  return new SaddlebagError('ERR_DISK_FULL', message, {
    hint: 'Free some space where containerd keeps its content, and run the install again: it goes on where it stopped.',
  });
}
