import * as z from 'zod';
import { platforms, reference } from '../../spec/fields.ts';
import { type SavedPart, savedSchema } from './saved/part.ts';
import { type EnginePart, engineSchema } from './engine/part.ts';
import { type RangedPart, rangedSchema } from './tags/part.ts';

/** A reference, or one with platforms of its own; tags of a repository by range; or images that are on this host. */
export type ImagePart = RegistryImage | RangedPart | SavedPart | EnginePart;

/** An image of a registry. */
export type RegistryImage =
  | string
  | { readonly reference: string; readonly platforms?: readonly string[] | undefined };

export const imageSchema: z.ZodType<ImagePart> = z.union([
  reference,
  z.strictObject({ reference, platforms: platforms.optional().describe('instead of those of the spec') }),
  rangedSchema,
  savedSchema,
  engineSchema,
]);
