import type { IncludeEars, IncludeFormat } from '../../include/format.ts';
import { mappingOf, writtenAs } from '../../include/written.ts';
import { inOrder, type Problem } from '../../yaml/decode.ts';
import type { YamlText } from '../../yaml/text.ts';
import { decodeDocument, type Sheet, sheetOf } from '../sheet.ts';
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
  const what = 'ImageSetConfiguration';
  const { kind, apiVersion = VERSION } = sheet.head;
  if (kind !== what) {
    const isDelete = kind === 'DeleteImageSetConfiguration';
    return sheet.refuse(
      ['kind'],
      isDelete ? 'it takes images away from a registry' : 'it is not ImageSetConfiguration',
      { hint: 'Include an ImageSetConfiguration.' },
    );
  }
  if (apiVersion === VERSION)
    return decodeDocument(imageSetSchema, document, {
      what,
      onProblem: ears.onProblem,
      onFinding: ears.onFinding,
    });
  const problems: Problem[] = [];
  decodeDocument(imageSetSchema, document, {
    what,
    onProblem: (problem) => void problems.push(problem),
    onFinding: ears.onFinding,
  });
  const old = inOrder(problems, '').flatMap(({ unknownKey, place }) =>
    unknownKey === undefined ? [] : [`${unknownKey} (line ${place.line})`],
  );
  return sheet.refuse(['apiVersion'], `it is ${JSON.stringify(apiVersion)}, and ${VERSION} is read`, {
    hint:
      old.length === 0
        ? `Write: apiVersion: ${VERSION}`
        : `Write "apiVersion: ${VERSION}", and take out what oc-mirror v2 does not have: ${old.join(', ')}.`,
  });
}
