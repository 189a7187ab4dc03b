import * as z from 'zod';
import { platforms, reference } from '../../spec/fields.ts';

/** A reference, or one with platforms of its own. */
export type ImagePart =
  | string
  | { readonly reference: string; readonly platforms?: readonly string[] | undefined };

export const imageSchema: z.ZodType<ImagePart> = z.union([
  reference,
  z.strictObject({ reference, platforms: platforms.optional().describe('instead of those of the spec') }),
]);
