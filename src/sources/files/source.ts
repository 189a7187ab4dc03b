import * as z from 'zod';
import { defineSource, type Source } from '../source.ts';
import { resolveFiles } from './files.ts';
import { fileSchema } from './part.ts';
import { LOCAL_FILE } from './pin.ts';

export const files: Source = defineSource({
  name: 'files',
  summary: 'Plain files of web servers, pinned by their checksum, and files and folders of this host.',
  part: z.object({
    files: z
      .array(fileSchema)
      .default([])
      .meta({
        description: 'each with "url" or "path"',
        examples: [[{ url: 'https://example.com/tool.tar.gz' }]],
      }),
  }),
  sections: [LOCAL_FILE.section],
  read: async (part, folder) =>
    part.files.map((file) => ('url' in file ? file : { ...file, at: folder.pathOf(file.path) })),
  resolve: async (wishes, context) => ({ items: await resolveFiles(wishes, context) }),
});
