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

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
  .meta({ examples: ['2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'] });
const name = z
  .string()
  .regex(/^(?!\.{1,2}$)[^/\\:*?"<>|\p{Cc}]+$/u, 'a plain file name')
  .meta({
    description: 'file name in the bundle; the last part of the URL or path when left out',
    examples: ['tool-1.2.tar.gz'],
  });

export const fileSchema: z.ZodType<FilePart> = z.union([
  z.strictObject({
    url: url.meta({ description: 'http or https', examples: ['https://example.com/tool.tar.gz'] }),
    sha256: sha256.optional().describe('of the content; pinned in the lock at the first build when left out'),
    name: name.optional(),
  }),
  z.strictObject({
    path: path.meta({
      description: 'a file or a folder of this host; a folder goes with its links and empty folders',
      examples: ['./scripts'],
    }),
    sha256: sha256.optional().describe('of a folder: of its manifest, which the lock has'),
    name: name.optional(),
  }),
]);
