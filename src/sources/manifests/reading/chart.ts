import { isRecord } from '../../../internal/json.ts';
import { textOf } from '../../../internal/yaml/text.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { readChartArchive } from '../../charts/archive.ts';
import { findChartImages, type FoundImage } from '../../charts/images/find.ts';
import { decodeChartYaml } from '../../charts/metadata.ts';
import type { Reading } from './reading.ts';

type Values = Readonly<Record<string, unknown>>;

/** A packed chart, and the values that go over its own. */
export interface GivenChart {
  /** Name of its file, for people. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly values?: Values | undefined;
  /** Where the values are from: name and text. */
  readonly valuesFrom?: readonly (readonly [file: string, text: string])[] | undefined;
}

/**
 * Yields the images of a chart as it would be installed with these values.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DOCUMENT_INVALID`
 */
export async function* chartReadings(
  { file, bytes, values = {}, valuesFrom = [] }: GivenChart,
  { signal }: WaitOptions = {},
): AsyncGenerator<Reading, void, undefined> {
  const title = `chart ${JSON.stringify(file)}`;
  const texts = await readChartArchive(bytes, title, { signal });
  const found = findChartImages(decodeChartYaml(texts.get('Chart.yaml') ?? '', title), texts, values);
  for (const path of found.unread)
    yield {
      type: 'remark',
      message: `Cannot read ${path} of ${title}: some images that it names cannot be found`,
    };
  const [systemDefault, imageRegistry] = registriesOf(values);
  if (systemDefault !== undefined) yield { type: 'registry', host: systemDefault };
  const places = [
    ...valuesFrom.map(([name, text]) => ({ file: name, path: undefined, text })),
    ...[...texts].map(([path, text]) => ({ file, path, text })),
  ];
  const at = (words: readonly string[]) => () => {
    for (const { file: name, path, text } of places) {
      const line = lineWith(text, words);
      if (line !== undefined) return { file: name, path, line };
    }
    return { file };
  };
  for (const image of found.images) {
    yield {
      type: 'image',
      text: movedTo(imageRegistry, image),
      isSure: true,
      isPackaged: image.name.startsWith('docker.io/rancher/'),
      isWindowsOnly: image.windowsOnly,
      at: at(
        image.texts.flatMap((text) => [text, text.replace(/[:@][^/]*$/, ''), text.replace(/^.*\//, '')]),
      ),
    };
  }
  for (const text of found.lookalikes)
    yield {
      type: 'image',
      text,
      isSure: false,
      at: at([text, text.replace(/^docker\.io\/(?:library\/)?/, '')]),
    };
}

/** The settings with which Rancher's charts and many others move all of their images to one registry. */
function registriesOf(values: Values): readonly [system: string | undefined, all: string | undefined] {
  const global = isRecord(values['global']) ? values['global'] : {};
  const cattle = isRecord(global['cattle']) ? global['cattle'] : {};
  const system = [cattle, global, values].map((each) => textOf(each['systemDefaultRegistry']));
  return [
    system.find((host) => host !== undefined),
    textOf(global['imageRegistry']) ?? textOf(values['imageRegistry']),
  ];
}

/** Only templates know whether they obey it; those that read the values by convention do. */
function movedTo(registry: string | undefined, { name, methods, texts }: FoundImage): string {
  const isOfValues = methods.every((method) => method === 'values' || method === 'values-inferred');
  if (registry === undefined || !isOfValues) return texts[0] ?? name;
  return `${registry}/${name.replace(/^[^/]+\//, '').replace(/^library\//, '')}`;
}

function lineWith(text: string, words: readonly string[]): number | undefined {
  for (const word of words) {
    const at = text.indexOf(word);
    if (word !== '' && at !== -1) return text.slice(0, at).split('\n').length;
  }
  return undefined;
}
