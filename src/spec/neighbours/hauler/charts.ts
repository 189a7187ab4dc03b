import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import type { Sheet } from '../sheet.ts';
import { tellOptions } from './options.ts';
import type { HaulerChart } from './schema.ts';

/** Returns a chart of a repository, a registry or this host. */
export function chartOf(chart: HaulerChart, path: Path, sheet: Sheet): Written | undefined {
  const { name, repoURL, version, valuesFiles } = chart;
  tellOptions(chart, path, sheet);
  if (chart['platform'] !== '')
    sheet.refuse([...path, 'platform'], 'a chart has no platform of its own', {
      hint: 'Write platforms for all images of the spec.',
    });
  if (chart['add-dependencies'] === true)
    sheet.tell([...path, 'add-dependencies'], 'a packed chart has the charts it depends on in it');
  if (valuesFiles.length > 1)
    sheet.refuse([...path, 'valuesFiles'], 'a chart takes one file of values', {
      hint: 'Write all values into one file.',
    });
  const values = sheet.value(valuesFiles[0], ...path, 'valuesFiles', 0);
  if (repoURL === '' || repoURL === '.')
    return mappingOf({ path: sheet.value(name, ...path, 'name'), values }, sheet.at(...path));
  if (version === '')
    return sheet.refuse(path, 'it has no version, which stands for the newest', {
      hint: 'Write the version that is wanted.',
    });
  if (repoURL.startsWith('oci://')) {
    const reference = `${repoURL.replace(/\/$/, '')}/${name}:${version}`;
    return mappingOf(
      { reference: writtenAs(reference, sheet.at(...path, 'name')), values },
      sheet.at(...path),
    );
  }
  return mappingOf(
    {
      repository: sheet.value(repoURL, ...path, 'repoURL'),
      name: sheet.value(name, ...path, 'name'),
      version: sheet.value(version, ...path, 'version'),
      values,
    },
    sheet.at(...path),
  );
}
