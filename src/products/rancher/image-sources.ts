import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { compareText } from '../../internal/order.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { quote } from '../../internal/quote.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';

/** What wants each image of a release, by full reference: charts and parts of Rancher, without versions, sorted. */
export type ImageSources = ReadonlyMap<string, readonly string[]>;

/** A source: a chart with its version, or a word such as `core`. */
const SOURCE = /^[A-Za-z0-9][\w.-]*(?::[\w.+~-]+)?$/;

/**
 * Decodes `rancher-images-sources.txt`, `IMAGE SOURCE[,SOURCE…]` a line (rancher, `pkg/image/export`). One image may stand on
 * several lines; `file` names the list in messages.
 *
 * @throws `ERR_LIST_INVALID` with every line of another form
 */
export function parseImageSources(text: string, file: string): ImageSources {
  const byImage = new Map<string, Set<string>>();
  const problems: SaddlebagError[] = [];
  for (const [index, written] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = written.trim();
    if (line === '') continue;
    const [image = '', list = '', ...rest] = line.split(/\s+/);
    const sources = list.split(',');
    const name = fullName(image);
    if (name === undefined || rest.length > 0 || !sources.every((source) => SOURCE.test(source))) {
      problems.push(unreadable(line, `${file}:${index + 1}`));
      continue;
    }
    const known = byImage.get(name) ?? new Set();
    for (const source of sources) known.add(sourceName(source));
    byImage.set(name, known);
  }
  if (problems.length > 0)
    throw new ProblemsError(
      'ERR_LIST_INVALID',
      `Cannot read ${quote(file)}: ${formatCount(problems.length, 'line')} of another form`,
      { problems },
    );
  return new Map([...byImage].map(([name, sources]) => [name, [...sources].sort(compareText)]));
}

/** Returns the full reference of an image in a list, or `undefined` for text that is none. */
export function fullName(image: string): string | undefined {
  try {
    return formatReference(parseReference(image));
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    return undefined;
  }
}

/** A chart and the chart of its custom resources are installed together. */
function sourceName(source: string): string {
  return source.replace(/:.*$/, '').replace(/-crd$/, '');
}

function unreadable(line: string, place: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_LIST_INVALID',
    `Cannot read ${quote(line)} at ${place}: expected an image, a space, and what wants it`,
    { hint: 'A release publishes this list: look at it, or at the mirror that "rancherDownloads" names.' },
  );
}
