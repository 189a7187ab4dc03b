import * as z from 'zod';
import { defineSource, type Source } from '../source.ts';
import { resolveFiles } from './files.ts';
import { fileSchema } from './part.ts';

export const files: Source = defineSource({
  name: 'files',
  summary: 'Plain files of web servers, pinned by their checksum.',
  part: z.object({ files: z.array(fileSchema).default([]) }),
  read: async (part) => part.files,
  resolve: async (parts, context) => ({ items: await resolveFiles(parts, context) }),
});
