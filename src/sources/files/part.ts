import * as z from 'zod';
import { path, url } from '../../spec/fields.ts';

interface FileOptions {
  /** 64 hex digits. */
  readonly sha256?: string | undefined;
  readonly name?: string | undefined;
}

/** A file on a web server. */
export interface WebFile extends FileOptions {
  readonly url: string;
}

/** A file or a folder of this host. */
export interface LocalFile extends FileOptions {
  /** Relative to the spec. */
  readonly path: string;
}

export type FilePart = WebFile | LocalFile;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const name = z.string().regex(/^(?!\.{1,2}$)[^/\\:*?"<>|\p{Cc}]+$/u, 'a plain file name');

export const fileSchema: z.ZodType<FilePart> = z.union([
  z.strictObject({
    url: url.describe('http or https'),
    sha256: sha256.optional().describe('left out: pinned in the lock at the first build'),
    name: name.optional().describe('file name in the bundle; the last part of the URL or path when left out'),
  }),
  z.strictObject({
    path: path.describe('a file or a folder of this host; a folder goes with its links and empty folders'),
    sha256: sha256
      .optional()
      .describe('of a file; of a folder, the digest of its manifest, which the lock has'),
    name: name.optional().describe('file name in the bundle; the last part of the URL or path when left out'),
  }),
]);
