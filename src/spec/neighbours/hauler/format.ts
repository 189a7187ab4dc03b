import type { IncludeContext, IncludeFormat } from '../../include/format.ts';
import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { YamlText } from '../../yaml/text.ts';
import { decodeDocument, type Sheet, sheetOf } from '../sheet.ts';
import { chartOf } from './charts.ts';
import { tellAnnotations, tellOptions } from './options.ts';
import { CHARTS, FILES, type HaulerFile, IMAGES } from './schema.ts';

const GROUP = 'content.hauler.cattle.io';
const OLD_GROUP = 'collection.hauler.cattle.io';
type Translate = (document: YamlText, sheet: Sheet, context: IncludeContext) => Written | undefined;

/** A manifest of Hauler: several documents in a file, of which each is translated by itself. */
export const hauler: IncludeFormat = {
  title: 'manifest of Hauler',
  recognizes: ({ apiVersion }) =>
    typeof apiVersion === 'string' &&
    (apiVersion.startsWith(`${GROUP}/`) || apiVersion.startsWith(`${OLD_GROUP}/`)),
  translate: (document, context) => {
    const sheet = sheetOf(document, context);
    const { apiVersion, kind } = sheet.head;
    const isKnown = apiVersion === `${GROUP}/v1` || apiVersion === `${GROUP}/v1alpha1`;
    if (String(apiVersion).startsWith(`${OLD_GROUP}/`))
      return sheet.refuse(['kind'], `collections of Hauler 1 are not read`, {
        hint: 'Write what is in it as documents of the kinds Images, Charts and Files.',
      });
    if (!isKnown) return sheet.refuse(['apiVersion'], `it is neither ${GROUP}/v1 nor ${GROUP}/v1alpha1`);
    const translate = KINDS.get(String(kind));
    if (translate === undefined)
      return sheet.refuse(['kind'], `it is none of ${[...KINDS.keys()].join(', ')}`);
    return translate(document, sheet, context);
  },
};

const KINDS: ReadonlyMap<string, Translate> = new Map([
  ['Images', translateImages],
  ['Charts', translateCharts],
  ['Files', translateFiles],
]);

function translateImages(document: YamlText, sheet: Sheet, context: IncludeContext): Written | undefined {
  const decoded = decodeDocument(IMAGES, document, told('Images', context));
  if (decoded === undefined) return undefined;
  const { annotations, spec } = decoded;
  tellAnnotations(annotations, ['platform', 'registry'], sheet);
  const images = spec.images.map((image, index) => {
    const path = ['spec', 'images', index];
    tellOptions(image, path, sheet);
    const name = withRegistry(image.name, annotations['hauler.dev/registry']);
    const reference = writtenAs(name, sheet.at(...path, 'name'));
    const platform =
      sheet.value(image.platform, ...path, 'platform') ??
      sheet.value(annotations['hauler.dev/platform'], 'metadata', 'annotations', 'hauler.dev/platform');
    if (platform === undefined) return reference;
    return mappingOf(
      { reference, platforms: sheet.list([...path, 'platform'], [platform]) },
      sheet.at(...path),
    );
  });
  return mappingOf({ images: sheet.list(['spec', 'images'], images) }, sheet.at());
}

function translateCharts(document: YamlText, sheet: Sheet, context: IncludeContext): Written | undefined {
  const decoded = decodeDocument(CHARTS, document, told('Charts', context));
  if (decoded === undefined) return undefined;
  const { annotations, spec } = decoded;
  tellAnnotations(annotations, [], sheet);
  if (spec.charts.some((chart) => chart['add-images'] !== true))
    sheet.tell(['spec', 'charts'], 'images that charts name come along, with and without "add-images"', {
      hint: 'Leave out with "excludeImages" of the spec what is not wanted.',
    });
  const charts = spec.charts.map((chart, index) => chartOf(chart, ['spec', 'charts', index], sheet));
  return mappingOf({ charts: sheet.list(['spec', 'charts'], charts) }, sheet.at());
}

function translateFiles(document: YamlText, sheet: Sheet, context: IncludeContext): Written | undefined {
  const decoded = decodeDocument(FILES, document, told('Files', context));
  if (decoded === undefined) return undefined;
  tellAnnotations(decoded.annotations, [], sheet);
  const files = decoded.spec.files.map((file, index) => fileOf(file, index, sheet));
  return mappingOf({ files: sheet.list(['spec', 'files'], files) }, sheet.at());
}

function fileOf(file: HaulerFile, index: number, sheet: Sheet): Written {
  const path = ['spec', 'files', index];
  tellOptions(file, path, sheet);
  const at = sheet.value(file.path, ...path, 'path');
  const isUrl = /^https?:\/\//i.test(file.path);
  return mappingOf(
    {
      url: isUrl ? at : undefined,
      path: isUrl ? undefined : at,
      name: sheet.value(file.name, ...path, 'name'),
    },
    sheet.at(...path),
  );
}

/** The annotation is for names that do not begin with a host. */
function withRegistry(name: string, registry: string | undefined): string {
  const first = name.includes('/') ? (name.split('/')[0] ?? '') : '';
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  return registry === undefined || registry === '' || hasHost ? name : `${registry}/${name}`;
}

function told(what: string, { onProblem, onFinding }: IncludeContext): Parameters<typeof decodeDocument>[2] {
  return { what, onProblem, onFinding };
}
