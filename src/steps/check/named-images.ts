import { stringify } from 'yaml';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { compareText } from '../../internal/order.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type NamingFile, readNames } from '../../sources/manifests/reading/read.ts';
import { gatherWanted, type Lookalike, type Wanted } from './wanted.ts';

/** Most texts that only look like images and are shown. */
const SHOWN = 50;

/**
 * Returns the content of a spec that asks for the images that a file names: a list of pods, manifests, an image list. They keep the names
 * that a cluster asks for. The digest in the status of a pod is not taken: it may be that of a config or of one platform, and an image
 * that is named by it no longer answers to its tag.
 *
 * @throws `ERR_SPEC_INVALID` when it names none; what `readNames` throws
 */
export async function namedImages(
  file: NamingFile,
  { signal, onFinding }: WaitOptions & { readonly onFinding?: ((finding: Finding) => void) | undefined },
): Promise<string> {
  const { wanted, lookalikes, remarks } = await gatherWanted(readNames([file], { signal }), {
    platforms: [],
  });
  if (wanted.length === 0)
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot make a spec of "${file.name}": it is neither a spec nor a file of another program, and names no image`,
      {
        hint: 'Give what "kubectl get pods -A -o json" wrote, manifests, or a list with a reference a line.',
      },
    );
  for (const { message, hint } of remarks) onFinding?.({ level: 'warning', message, hint });
  const images = wanted.toSorted((left, right) => compareText(left.reference, right.reference));
  return `${platformsOf(images)}\n${imagesOf(images)}${doubtsOf(lookalikes)}`;
}

/** Where the file has the nodes, they say what images are for. */
function platformsOf(images: readonly Wanted[]): string {
  const [shared] = sharedBy(images);
  if (shared !== undefined) return stringify({ platforms: shared });
  if (images.some(({ platforms }) => platforms.length > 0)) return '';
  return '# What the nodes run on; without it, every image comes for all of its platforms.\n# platforms: [linux/amd64]\n';
}

/** Returns the platforms that all images have in common, if they are the same for all. */
function sharedBy(images: readonly Wanted[]): readonly (readonly string[])[] {
  const all = new Map(images.map(({ platforms }) => [platforms.toSorted(compareText).join(' '), platforms]));
  const [only] = all.values();
  return all.size === 1 && only !== undefined && only.length > 0 ? [only.toSorted(compareText)] : [];
}

function imagesOf(images: readonly Wanted[]): string {
  const isShared = sharedBy(images).length > 0;
  return stringify(
    {
      images: images.map(({ text, platforms }) =>
        isShared || platforms.length === 0
          ? text
          : { reference: text, platforms: platforms.toSorted(compareText) },
      ),
    },
    { lineWidth: 0 },
  );
}

/** Nothing is passed over in silence. */
function doubtsOf(lookalikes: readonly Lookalike[]): string {
  if (lookalikes.length === 0) return '';
  const lines = lookalikes
    .map(({ text }) => JSON.stringify(text))
    .toSorted(compareText)
    .slice(0, SHOWN)
    .map((text) => `  # - ${text}\n`);
  const more = lookalikes.length > SHOWN ? `  # and ${lookalikes.length - SHOWN} more\n` : '';
  return `  # These may be images, or only look like it:\n${lines.join('')}${more}`;
}
