import * as z from 'zod';
import { isSaddlebagError } from '../internal/error.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import { reasonOf } from './yaml/place.ts';

/** Fields shared by several parts of a spec or sections of a lock. */

export const text: z.ZodString = z.string().min(1, { abort: true });

/** The path of a file beside the spec. A web address is refused here: looked up as a path, it would only be "not found". */
export const path: z.ZodString = text.superRefine((value, context) => {
  if (!/^(?:https?|ftp):\/\//i.test(value)) return;
  context.addIssue({
    code: 'custom',
    message: 'it is a web address, and not a path',
    params: { hint: 'Fetch it to this host first, and write its path.' },
  });
});

export const url: z.ZodURL = z.url({ protocol: /^https?$/ });

export const reference: z.ZodString = text.superRefine(readableBy(parseReference)).meta({
  description: '[REGISTRY/]REPOSITORY[:TAG][@DIGEST]; short names are Docker Hub’s, as Docker reads them',
  examples: ['rancher/rancher:v2.9.2'],
});

export const word: z.ZodString = z.string().regex(/^[!-~]{1,64}$/, 'a word of at most 64 characters');

export const lockedDigest: z.ZodString = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, '"sha256:" and 64 lower-case hex digits');

export const platforms: z.ZodArray<z.ZodString> = z
  .array(
    text
      .superRefine(readableBy(parsePlatform))
      .meta({ description: 'OS/ARCHITECTURE[/VARIANT], for example linux/amd64', examples: ['linux/amd64'] }),
  )
  .min(1);

/** Turns a parser into a check: its error becomes an issue with the parser's own words and hint. */
export function readableBy(
  parse: (value: string) => unknown,
): (value: string, context: z.core.$RefinementCtx) => void {
  return (value, context) => {
    try {
      parse(value);
    } catch (error) {
      if (!isSaddlebagError(error)) throw error;
      context.addIssue({ code: 'custom', message: reasonOf(error), params: { hint: error.hint } });
    }
  };
}
