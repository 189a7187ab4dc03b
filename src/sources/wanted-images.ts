import type { ImagePart } from '../spec/schema.ts';
import type { ResolvedChart } from './charts/charts.ts';
import type { ImageGuess, ImagesPart } from './images/requests.ts';
import type { RancherRelease } from './rancher/rancher.ts';

/** Everything of a spec that wants images. */
export interface ImageWishes {
  readonly images: readonly ImagePart[];
  readonly listed: readonly string[];
  readonly platforms?: readonly string[] | undefined;
  readonly rancher?: RancherRelease | undefined;
  readonly charts: readonly ResolvedChart[];
}

/** By these ways a chart says plainly what it needs; all others are guesses about it. */
const PLAIN: readonly string[] = ['annotation', 'image-lock', 'known', 'rendered'];

/** Returns what is to be asked of registries. An image for Windows alone is of no use where Windows is not asked for. */
export function wantedImages({ images, listed, platforms, rancher, charts }: ImageWishes): ImagesPart {
  const wantsWindows =
    platforms === undefined || platforms.some((platform) => platform.startsWith('windows/'));
  const found = charts.flatMap(({ planned, images: all }) =>
    all
      .filter(({ windowsOnly }) => wantsWindows || !windowsOnly)
      .map((image) => ({ ...image, chart: planned.item.name })),
  );
  const isPlain = ({ methods }: (typeof found)[number]): boolean =>
    methods.some((method) => PLAIN.includes(method));
  const ofCharts = found.filter(isPlain);
  const guesses = found
    .filter((image) => !isPlain(image))
    .flatMap(({ texts, chart, methods }) =>
      texts.map((reference): ImageGuess => ({
        reference,
        from: `chart "${chart}" (${methods.join(', ')})`,
      })),
    );
  return {
    images,
    listed: [...listed, ...(rancher?.linux ?? []), ...ofCharts.flatMap(({ texts }) => texts)],
    windows: rancher?.windows ?? [],
    guesses,
    platforms,
  };
}
