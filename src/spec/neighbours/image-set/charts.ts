import { mappingOf, writtenAs, type Written } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import type { Sheet } from '../sheet.ts';
import type { ImageSetChart, ImageSetHelm } from './schema.ts';

/** Returns the charts of repositories and of files, without what finds images in them: a spec's charts do that themselves. */
export function chartsOf(
  helm: ImageSetHelm | null | undefined,
  sheet: Sheet,
): readonly (Written | undefined)[] {
  const { repositories = [], local = [] } = helm ?? {};
  const listed = repositories.flatMap(({ url, charts }, index) => {
    const path = ['mirror', 'helm', 'repositories', index];
    if (charts.length === 0)
      sheet.refuse(path, 'it names no charts, which stands for all that the repository has', {
        hint: 'Name the charts, each with its version.',
      });
    return charts.map((chart, at) => listedChart({ url, chart }, [...path, 'charts', at], sheet));
  });
  const packed = local.map((chart, index) => {
    const path = ['mirror', 'helm', 'local', index];
    refuseOptions(chart, path, sheet);
    if (chart.path === '') return sheet.refuse(path, 'the key "path" is missing');
    return mappingOf({ path: sheet.value(chart.path, ...path, 'path') }, sheet.at(...path));
  });
  return [...listed, ...packed];
}

function listedChart(
  { url, chart }: { readonly url: string; readonly chart: ImageSetChart },
  path: Path,
  sheet: Sheet,
): Written | undefined {
  const { name, version } = chart;
  refuseOptions(chart, path, sheet);
  if (chart.path !== '')
    return sheet.refuse([...path, 'path'], 'the chart is of a repository', {
      hint: 'A chart of this host belongs under mirror.helm.local.',
    });
  if (version === '')
    return sheet.refuse(path, 'it has no version, which stands for the newest', {
      hint: 'Write the version that is wanted.',
    });
  if (url.startsWith('oci://')) {
    const reference = `${url.replace(/\/$/, '')}/${name}:${version}`;
    return mappingOf({ reference: writtenAs(reference, sheet.at(...path, 'name')) }, sheet.at(...path));
  }
  return mappingOf(
    {
      repository: writtenAs(url, sheet.at(...path.slice(0, -2), 'url')),
      name: sheet.value(name, ...path, 'name'),
      version: sheet.value(version, ...path, 'version'),
    },
    sheet.at(...path),
  );
}

function refuseOptions({ imagePaths, platforms }: ImageSetChart, path: Path, sheet: Sheet): void {
  if (imagePaths.length > 0)
    sheet.refuse([...path, 'imagePaths'], 'images of a chart are found without paths', {
      hint: 'Take it out; "bundle build --dry-run" lists what was found, and mirror.additionalImages adds the rest.',
    });
  if (platforms.length > 0)
    sheet.refuse([...path, 'platforms'], 'a chart has no platforms of its own', {
      hint: 'Write platforms for all images of the spec, or list the images of the chart with theirs.',
    });
}
