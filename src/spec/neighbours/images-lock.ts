import * as z from 'zod';
import { text } from '../fields.ts';
import type { IncludeFormat } from '../include/format.ts';
import { mappingOf } from '../include/written.ts';
import { decodeDocument, sheetOf } from './sheet.ts';

interface ImagesLock {
  readonly images: readonly { readonly image: string }[];
}

const schema: z.ZodType<ImagesLock> = z.strictObject({
  apiVersion: z.literal('imgpkg.carvel.dev/v1alpha1'),
  kind: z.literal('ImagesLock'),
  images: z.array(
    z.strictObject({
      image: text.regex(/@sha256:[0-9a-f]{64}$/, 'a reference with a digest'),
      // What another tool noted: the name that an image had before it was resolved, for one.
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** Images by digest (carvel-dev/imgpkg, `pkg/imgpkg/lockconfig`). */
export const imagesLock: IncludeFormat = {
  title: 'ImagesLock of imgpkg',
  recognizes: ({ apiVersion, kind }) =>
    typeof apiVersion === 'string' &&
    apiVersion.startsWith('imgpkg.carvel.dev/') &&
    (kind === 'ImagesLock' || kind === 'BundleLock'),
  translate: (document, context) => {
    const sheet = sheetOf(document, context);
    if (sheet.head['kind'] === 'BundleLock')
      return sheet.refuse(['kind'], 'the images of an imgpkg bundle are listed inside it', {
        hint: 'Include the file ".imgpkg/images.yml" of the bundle, and list the bundle itself under "images".',
      });
    const { onProblem, onFinding } = context;
    const lock = decodeDocument(schema, document, { what: 'ImagesLock', onProblem, onFinding });
    if (lock === undefined) return undefined;
    const images = lock.images.map(({ image }, index) => sheet.value(image, 'images', index, 'image'));
    return mappingOf({ images: sheet.list(['images'], images) }, sheet.at());
  },
};
