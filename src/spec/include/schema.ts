import * as z from 'zod';
import { path, text } from '../fields.ts';

/** A file to include, or one of which only a part is wanted. */
export type IncludePart =
  | string
  | { readonly path: string; readonly components?: readonly string[] | undefined };

export const includeSchema: z.ZodType<readonly IncludePart[]> = z.array(
  z.union([
    path,
    z.strictObject({
      path: path.meta({ description: 'path of the file', examples: ['./zarf.yaml'] }),
      components: z
        .array(text)
        .min(1)
        .optional()
        .meta({
          description: 'of a Zarf package, the components that are wanted; all of them when left out',
          examples: [['podinfo']],
        }),
    }),
  ]),
);
