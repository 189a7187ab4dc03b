import * as z from 'zod';
import { IMAGES, type ImageWant } from '../images/want.ts';
import { defineSource, type Source } from '../source.ts';
import { type ResolvedChart, resolveCharts } from './charts.ts';
import { readChartFiles } from './files.ts';
import { tellLookalikes } from './images/lookalikes.ts';
import { chartSchema } from './part.ts';
import { CHART } from './location.ts';

/** These ways state plainly what a chart needs; all others are guesses. */
const PLAIN: readonly string[] = ['annotation', 'image-lock', 'known', 'rendered'];

export const charts: Source = defineSource({
  name: 'charts',
  summary: 'Helm charts of repositories, registries or this machine, with the images that they name.',
  part: z.object({
    charts: z
      .array(chartSchema)
      .default([])
      .meta({
        description: 'each with "repository", "name" and "version", or with "reference", or with "path"',
        examples: [[{ repository: 'https://charts.jetstack.io', name: 'cert-manager', version: 'v1.15.3' }]],
      }),
  }),
  sections: [CHART.section],
  asks: [IMAGES.to],
  read: async (part, files) => ({ ...part, files: await readChartFiles(part.charts, files) }),
  resolve: async (wish, context) => {
    const resolved = await resolveCharts(wish, context);
    return {
      items: resolved.map(({ planned }) => planned),
      wants: [IMAGES.ask(resolved.flatMap(wantsOf))],
      review: async (items) => tellLookalikes(resolved, items, context),
    };
  },
});

function wantsOf({ planned, images }: ResolvedChart): readonly ImageWant[] {
  return images.flatMap(({ texts, methods, windowsOnly }) => {
    const isPlain = methods.some((method) => PLAIN.includes(method));
    const guessedFrom = isPlain ? undefined : `chart "${planned.item.name}" (${methods.join(', ')})`;
    return texts.map((reference) => ({ reference, guessedFrom, isWindowsOnly: windowsOnly }));
  });
}
