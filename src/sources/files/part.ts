import * as z from 'zod';
import { url } from '../../spec/fields.ts';

/** A file on a web server. */
export interface FilePart {
  readonly url: string;
  /** 64 hex digits. */
  readonly sha256?: string | undefined;
  readonly name?: string | undefined;
}

export const fileSchema: z.ZodType<FilePart> = z.strictObject({
  url: url.describe('http or https'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
    .optional()
    .describe('left out: pinned in the lock at the first build'),
  name: z
    .string()
    .regex(/^(?!\.{1,2}$)[^/\\:*?"<>|\p{Cc}]+$/u, 'a plain file name')
    .optional()
    .describe('file name in the bundle; the last part of the URL when left out'),
});
