import * as z from 'zod';
import { path, platforms, reference } from '../../../spec/fields.ts';

/** Images that another program saved on this host. */
export interface SavedPart extends HeldPart {
  /** Relative to the spec. */
  readonly archive: string;
}

/** What a spec takes of images that are held on this host. */
export interface HeldPart {
  /** Just these of its images; all of them when left out. */
  readonly images?: readonly string[] | undefined;
  /** What an image without a name is called. */
  readonly reference?: string | undefined;
  readonly platforms?: readonly string[] | undefined;
}

export const savedSchema: z.ZodType<SavedPart> = z.strictObject({
  archive: path.meta({
    description:
      'a file or a folder of this host that holds images: of "docker save", podman, skopeo, crane, ctr, buildx, hauler, Zarf, oc or oc-mirror, ' +
      'a K3s airgap archive, another bundle; told by its content, packed with gzip or zstd or not',
    examples: ['./app.tar'],
  }),
  images: z
    .array(reference)
    .min(1)
    .optional()
    .meta({
      description: 'just these of its images; all when left out',
      examples: [['example.com/team/app:1.2']],
    }),
  reference: reference.optional().meta({
    description:
      'beside "archive": what an image is called that has no name there; without a tag, the tag that it has there is taken',
    examples: ['example.com/team/app:1.2'],
  }),
  platforms: platforms.optional().describe('instead of those of the spec'),
});
