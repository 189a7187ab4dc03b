import * as z from 'zod';

/** Fields as Go decodes them: a key without a value, and one that is left out, have the zero value of their type. */

export const goText: z.ZodType<string> = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

export const goFlag: z.ZodType<boolean> = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** Returns the schema of a list of these. */
export function goList<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}
