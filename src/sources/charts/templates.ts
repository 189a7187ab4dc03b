import type { ChartContext, NamedImage } from './images.ts';

const FILE = /(?:^|\/)templates\//;
/** A line `image: name`, with or without quotes and a leading dash. What a template puts together is not there to be read. */
const IMAGE = /^[ \t]*(?:-[ \t]+)*image:[ \t]*['"]?([^\s'"#{}]+)/gm;
/** An argument such as cert-manager's `--acme-http01-solver-image=…`. */
const ARGUMENT = /--[a-z0-9-]+-image=['"]?([^\s'"#{}]+)/g;

/** Returns the images that are written out in the templates of a chart. */
export function templateImages({ texts }: ChartContext): readonly NamedImage[] {
  return [...texts].flatMap(([path, text]) => {
    if (!FILE.test(path)) return [];
    return [...text.matchAll(IMAGE), ...text.matchAll(ARGUMENT)].flatMap(([, name = '']): NamedImage[] =>
      // A name alone may be anything; with a tag or a digest it is an image.
      /[:@]/.test(name.slice(name.lastIndexOf('/') + 1)) ? [{ text: name, method: 'template' }] : [],
    );
  });
}
