import type { IncludeEars, IncludeFormat } from '../../include/format.ts';
import { mappingOf, writtenAs } from '../../include/written.ts';
import { inOrder, inspectYamlText } from '../../yaml/decode.ts';
import type { YamlText } from '../../yaml/text.ts';
import { type Sheet, sheetOf } from '../sheet.ts';
import { chartsOf } from './charts.ts';
import { imagesOf } from './images.ts';
import { openshiftOf } from './openshift.ts';
import { type ImageSet, imageSetSchema } from './schema.ts';

const GROUP = 'mirror.openshift.io/';
const VERSION = `${GROUP}v2alpha1`;

/** What oc-mirror v2 mirrors (openshift/oc-mirror, `docs/`): releases, operators, images and charts. */
export const imageSet: IncludeFormat = {
  title: 'ImageSetConfiguration of oc-mirror',
  recognizes: ({ kind, apiVersion }) =>
    kind === 'ImageSetConfiguration' ||
    kind === 'DeleteImageSetConfiguration' ||
    (typeof apiVersion === 'string' && apiVersion.startsWith(GROUP)),
  translate: (document, ears) => {
    const sheet = sheetOf(document, ears);
    const config = decode(document, sheet, ears);
    if (config === undefined) return undefined;
    const { archiveSize, mirror } = config;
    if (typeof archiveSize === 'number' && archiveSize > 0)
      sheet.tell(['archiveSize'], `it is a matter of the command line here`, {
        hint: `Write: bundle build SPEC -o OUT --volume-size ${archiveSize}GiB`,
      });
    return mappingOf(
      {
        images: sheet.list(['mirror', 'additionalImages'], imagesOf(config, sheet)),
        charts: sheet.list(['mirror', 'helm'], chartsOf(mirror.helm, sheet)),
        openshift: openshiftOf(config, sheet),
        excludeImages: sheet.list(
          ['mirror', 'blockedImages'],
          mirror.blockedImages.map(({ name }, index) =>
            writtenAs(name, sheet.at('mirror', 'blockedImages', index, 'name')),
          ),
        ),
      },
      sheet.at(),
    );
  },
};

/** A file for another kind or version is told so once; its keys are not those to look at. */
function decode(document: YamlText, sheet: Sheet, ears: IncludeEars): ImageSet | undefined {
  const source = {
    file: document.placeOf([]).file,
    what: 'ImageSetConfiguration',
    code: 'ERR_SPEC_INVALID',
  } as const;
  const { decoded, problems } = inspectYamlText(imageSetSchema, document, source);
  const { kind, apiVersion = VERSION } = sheet.head;
  if (kind !== 'ImageSetConfiguration') {
    const isDelete = kind === 'DeleteImageSetConfiguration';
    sheet.refuse(
      ['kind'],
      isDelete ? 'it takes images away from a registry' : 'it is not ImageSetConfiguration',
      { hint: 'Include an ImageSetConfiguration.' },
    );
    return undefined;
  }
  if (apiVersion === VERSION) {
    // What is wrong with the YAML itself, the reader of the file has told.
    for (const problem of problems.slice(document.faults.length)) ears.onProblem(problem);
    return decoded?.value;
  }
  const old = inOrder(problems, source.file).flatMap(({ unknownKey, place }) =>
    unknownKey === undefined ? [] : [`${unknownKey} (line ${place.line})`],
  );
  sheet.refuse(['apiVersion'], `it is ${JSON.stringify(apiVersion)}, and ${VERSION} is read`, {
    hint:
      old.length === 0
        ? `Write: apiVersion: ${VERSION}`
        : `Write "apiVersion: ${VERSION}", and take out what oc-mirror v2 does not have: ${old.join(', ')}.`,
  });
  return undefined;
}
