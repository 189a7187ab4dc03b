import * as z from 'zod';

/** What the kit of a bundle is made with. */
export interface KitPart {
  /** `24.5.0` */
  readonly node?: string | undefined;
}

export const kitSchema: z.ZodType<KitPart> = z.strictObject({
  node: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'a release of Node.js such as 24.5.0')
    .optional()
    .meta({
      description: 'the release of Node.js on the stick; the newest LTS release when left out',
      examples: ['24.5.0'],
    }),
});
