import type { z } from 'zod';
import { isSaddlebagError } from '../../internal/error.ts';
import { reasonOf } from './place.ts';

/** Makes a check of a parser: its error becomes an issue with the parser's own words and hint. */
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
