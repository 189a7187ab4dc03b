import * as z from 'zod';
import { defineSource, type Source } from '../source.ts';
import { kitSchema } from './part.ts';
import { RUNTIMES } from './question.ts';
import { NODE } from './upstreams.ts';

/** The kit lies beside the bundle, so no item comes of it: the verbs ask for its runtimes. */
export const node: Source = defineSource({
  name: 'kit',
  summary: 'What `--kit` puts beside the bundle: the program, and a Node.js to run it with.',
  part: z.object({ kit: kitSchema.optional() }),
  content: [],
  upstreams: [NODE],
  sections: [RUNTIMES.section],
  read: async () => undefined,
  resolve: async () => ({ items: [] }),
});
