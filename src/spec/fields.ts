import * as z from 'zod';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import { readableBy } from './yaml/readable-by.ts';

/** Fields that several parts of a spec have. */

export const text: z.ZodString = z.string().min(1, { abort: true });

export const url: z.ZodURL = z.url({ protocol: /^https?$/ });

export const reference: z.ZodString = text
  .superRefine(readableBy(parseReference))
  .describe('[REGISTRY/]REPOSITORY[:TAG][@DIGEST]; short names are Docker Hub’s, as Docker reads them');

export const platforms: z.ZodArray<z.ZodString> = z
  .array(
    text
      .superRefine(readableBy(parsePlatform))
      .describe('OS/ARCHITECTURE[/VARIANT], for example linux/amd64'),
  )
  .min(1);
