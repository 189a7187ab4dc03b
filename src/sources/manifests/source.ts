import * as z from 'zod';
import type { PlannedItem } from '../../bundle/format/item.ts';
import { formatCount } from '../../internal/format.ts';
import { compareText } from '../../internal/order.ts';
import { pathOrUrl } from '../../spec/fields.ts';
import { fullName } from '../charts/images/find.ts';
import { IMAGES, type ImageWant } from '../images/want.ts';
import { defineSource, type Source, type SourceContext } from '../source.ts';
import { type ManifestsWish, planManifests, readManifests } from './manifests.ts';
import { withWebManifests } from './web.ts';
import type { Mention } from './reading/read.ts';

export const manifests: Source = defineSource({
  name: 'manifests',
  summary:
    'Manifests of Kubernetes and Compose files, of this host or a web server, with the images that they name.',
  part: z.object({
    manifests: z
      .array(pathOrUrl)
      .default([])
      .meta({
        description:
          'paths, patterns with *, ? and **, or web addresses, whose content the lock pins; their images join those of the spec',
        examples: [['./deploy/*.yaml']],
      }),
  }),
  asks: [IMAGES.to],
  read: async (part, files) => await readManifests(part.manifests, files),
  resolve: async (local, context) => {
    const wish = await withWebManifests(local, context);
    for (const remark of wish.remarks) context.warn(remark);
    return {
      items: await planManifests(wish, context),
      wants: [IMAGES.ask(wantsOf(wish))],
      review: async (items) => tellLookalikes(wish, items, context),
    };
  },
});

function wantsOf({ mentions }: ManifestsWish): readonly ImageWant[] {
  return mentions.flatMap((mention) => {
    const { text, isSure, isLikely, isWindowsOnly } = mention;
    if (!isSure && isLikely !== true) return [];
    const namedAt = placeOf(mention);
    return [{ reference: text, guessedFrom: isSure ? undefined : namedAt, namedAt, isWindowsOnly }];
  });
}

function placeOf(mention: Mention): string {
  const { file, line, path: inside } = mention.at();
  return [line === undefined ? file : `${file}:${line}`, inside]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** How many texts to show. */
const SHOWN = 10;

/** Warns of what looks like an image, and of names that something else completes: nobody fetches them. */
function tellLookalikes(
  { mentions }: ManifestsWish,
  items: readonly PlannedItem[],
  { warn }: Pick<SourceContext, 'warn'>,
): void {
  const carried = new Set(items.flatMap(({ item }) => (item.kind === 'image' ? [item.name] : [])));
  const doubtful = mentions.filter(({ isSure, isLikely, text }) => {
    const name = fullName(text);
    return !isSure && isLikely !== true && (name === undefined || !carried.has(name));
  });
  const texts = new Map(doubtful.map((mention) => [mention.text, mention]));
  if (texts.size === 0) return;
  const sorted = [...texts.values()].toSorted((left, right) => compareText(left.text, right.text));
  const shown = sorted.slice(0, SHOWN).map((mention) => `${mention.text} (${placeOf(mention)})`);
  warn({
    level: 'warning',
    message: `${formatCount(texts.size, 'text')} in manifests may be images and are not in the bundle: ${shown.join(', ')}${texts.size > SHOWN ? ' …' : ''}`,
    hint: 'List under "images" those that will be asked for.',
  });
}
