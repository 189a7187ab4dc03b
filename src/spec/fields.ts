import * as z from 'zod';
import { isSaddlebagError } from '../internal/error.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import { reasonOf } from './yaml/place.ts';

/** Fields shared by several parts of a spec or sections of a lock. */

export const text: z.ZodString = z.string().min(1, { abort: true });

/** The schemas of paths: what an included file says there starts at the folder of that file. */
export const PATHS: z.core.$ZodRegistry<{ readonly isPath: true }> = z.registry<{ readonly isPath: true }>();

/** The path of a file beside the spec. A web address is refused here: looked up as a path, it would only be "not found". */
export const path: z.ZodString = text
  .superRefine((value, context) => {
    if (!isWebAddress(value)) return;
    context.addIssue({
      code: 'custom',
      message: 'it is a web address, and not a path',
      params: { hint: 'Fetch it to this host first, and write its path.' },
    });
  })
  .register(PATHS, { isPath: true });

/** A path of a file beside the spec, or a web address. */
export const pathOrUrl: z.ZodString = text
  .superRefine((value, context) => {
    if (isWebAddress(value) && !url.safeParse(value).success)
      context.addIssue({ code: 'custom', message: 'it is no address of http or https' });
  })
  .register(PATHS, { isPath: true });

/** Returns whether a text is a web address, which cannot be a path of this host. */
export function isWebAddress(value: string): boolean {
  return /^(?:https?|ftp):\/\//i.test(value);
}

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

export const pattern: z.ZodString = text.superRefine((value, context) => {
  if (patternOf(value) === undefined)
    context.addIssue({ code: 'custom', message: 'it is not a regular expression' });
});

/** Returns a regular expression, or `undefined` when it is none. Go, which reads the same files, names groups `(?P<name>…)`. */
export function patternOf(written: string): RegExp | undefined {
  try {
    return new RegExp(written.replaceAll('(?P<', '(?<'));
  } catch {
    // The SyntaxError itself is the answer.
    return undefined;
  }
}

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
