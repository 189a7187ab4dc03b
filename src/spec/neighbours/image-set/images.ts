import { mappingOf, writtenAs, type Written } from '../../include/written.ts';
import type { Sheet } from '../sheet.ts';
import type { ImageSet, ImageSetImage } from './schema.ts';

/** Returns the images that a configuration lists; oc-mirror takes a whole index unless platforms are named. */
export function imagesOf(
  { mirror: { additionalImages, samples } }: ImageSet,
  sheet: Sheet,
): readonly (Written | undefined)[] {
  if (samples.length > 0)
    sheet.refuse(['mirror', 'samples'], 'oc-mirror does nothing with it', {
      hint: 'Write image streams under openshift.samples of a spec.',
    });
  return additionalImages.map((image, index) => imageOf(image, index, sheet));
}

function imageOf(image: ImageSetImage, index: number, sheet: Sheet): Written | undefined {
  const path = ['mirror', 'additionalImages', index];
  for (const key of ['targetRepo', 'targetTag'] as const)
    if (image[key] !== '')
      sheet.refuse([...path, key], 'a bundle does not keep other names for an image', {
        hint: 'Rename it where it is installed: bundle install BUNDLE --registry HOST --rewrite "REGEX=>REPLACEMENT"',
      });
  const scheme = /^([a-z-]+):\/\//.exec(image.name)?.[1];
  if (scheme !== undefined && scheme !== 'docker')
    return sheet.refuse([...path, 'name'], `"${scheme}://" is no registry`, {
      hint: 'Name an image of a registry.',
    });
  const reference = writtenAs(image.name.replace(/^docker:\/\//, ''), sheet.at(...path, 'name'));
  if (image.platforms.length === 0) return reference;
  return mappingOf(
    {
      reference,
      platforms: sheet.list(
        [...path, 'platforms'],
        image.platforms.map(({ os, architecture }, at) =>
          writtenAs(`${os}/${architecture}`, sheet.at(...path, 'platforms', at)),
        ),
      ),
    },
    sheet.at(...path),
  );
}
