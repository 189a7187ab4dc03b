import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import type { ComponentPlace } from './place.ts';
import { resolved } from './placeholders.ts';
import type { ZarfChart } from './schema.ts';

/** Returns a chart of a repository, a registry or this host. */
export function chartOf(chart: ZarfChart, path: Path, place: ComponentPlace): Written | undefined {
  const { sheet } = place;
  const { name, version, url, repoName, gitPath, localPath, valuesFiles, templatedValuesFiles } = chart;
  if (templatedValuesFiles.length > 0)
    sheet.refuse([...path, 'templatedValuesFiles'], 'templates of values are not filled in', {
      hint: 'Write the values into a file, and name it under "valuesFiles".',
    });
  if (valuesFiles.length > 1)
    sheet.refuse([...path, 'valuesFiles'], 'a chart takes one file of values', {
      hint: 'Write all values into one file.',
    });
  const values = sheet.value(valuesFiles[0], ...path, 'valuesFiles', 0);
  if (localPath !== '')
    return mappingOf({ path: sheet.value(localPath, ...path, 'localPath'), values }, sheet.at(...path));
  if (gitPath !== '' || /\.git(?:@|$)/.test(url))
    return sheet.refuse([...path, 'url'], 'a chart is not taken from Git', {
      hint: 'Pack it with "helm package", and name its path.',
    });
  const [address, exact] = [
    resolved(url, [...path, 'url'], place),
    resolved(version, [...path, 'version'], place),
  ];
  if (address === undefined || exact === undefined) return undefined;
  if (address === '') return sheet.refuse(path, 'it has neither "url" nor "localPath"');
  if (exact === '')
    return sheet.refuse(path, 'it has no version', { hint: 'Write the version that is wanted.' });
  if (address.startsWith('oci://')) {
    const reference = writtenAs(`${address}:${exact}`, sheet.at(...path, 'url'));
    return mappingOf({ reference, values }, sheet.at(...path));
  }
  return mappingOf(
    {
      repository: writtenAs(address, sheet.at(...path, 'url')),
      name: sheet.value(repoName, ...path, 'repoName') ?? sheet.value(name, ...path, 'name'),
      version: writtenAs(exact, sheet.at(...path, 'version')),
      values,
    },
    sheet.at(...path),
  );
}
