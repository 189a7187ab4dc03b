import { mappingOf, type Written, writtenAs } from '../../../include/written.ts';
import type { Path } from '../../../yaml/place.ts';
import type { ComponentPlace } from '../place.ts';
import { resolved } from '../placeholders.ts';
import type { BetaChart } from './schema.ts';

const FORMS = ['helmRepository', 'oci', 'local', 'git'] as const;

/** Returns a chart of `v1beta1`, which comes from just one place. */
export function chartOf(chart: BetaChart, path: Path, place: ComponentPlace): Written | undefined {
  const { sheet } = place;
  const { valuesFiles, helmRepository, oci, local } = chart;
  const given = FORMS.filter((form) => chart[form] !== undefined && chart[form] !== null);
  if (given.length !== 1)
    return sheet.refuse(path, `it has to have one of ${FORMS.map((form) => `"${form}"`).join(', ')}`);
  if (given.includes('git'))
    return sheet.refuse([...path, 'git'], 'a chart is not taken from Git', {
      hint: 'Pack it with "helm package", and name its path.',
    });
  const values = valuesOf(valuesFiles, path, place);
  if (local !== undefined && local !== null)
    return mappingOf({ path: sheet.value(local.path, ...path, 'local', 'path'), values }, sheet.at(...path));
  if (oci !== undefined && oci !== null) return ofRegistry(chart, values, { path, place });
  const at = [...path, 'helmRepository'];
  const url = resolved(helmRepository?.url ?? '', [...at, 'url'], place);
  const version = resolved(helmRepository?.version ?? '', [...at, 'version'], place);
  if (url === undefined || version === undefined) return undefined;
  if (version === '')
    return sheet.refuse(at, 'it has no version', { hint: 'Write the version that is wanted.' });
  return mappingOf(
    {
      repository: writtenAs(url, sheet.at(...at, 'url')),
      name: sheet.value(helmRepository?.name, ...at, 'name') ?? sheet.value(chart.name, ...path, 'name'),
      version: writtenAs(version, sheet.at(...at, 'version')),
      values,
    },
    sheet.at(...path),
  );
}

function ofRegistry(
  { oci }: BetaChart,
  values: Written | undefined,
  { path, place }: { readonly path: Path; readonly place: ComponentPlace },
): Written | undefined {
  const { sheet } = place;
  const at = [...path, 'oci'];
  const { tag = '', digest = '' } = oci?.ref ?? {};
  const suffix = `${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
  if (suffix === '')
    return sheet.refuse(at, 'it has no version', { hint: 'Write the tag or the digest that is wanted.' });
  const url = (oci?.url ?? '').replace(/^(?!oci:\/\/)/, 'oci://').replace(/\/$/, '');
  const address = resolved(`${url}${suffix}`, [...at, 'url'], place);
  if (address === undefined) return undefined;
  return mappingOf({ reference: writtenAs(address, sheet.at(...at, 'url')), values }, sheet.at(...path));
}

function valuesOf(
  files: BetaChart['valuesFiles'],
  path: Path,
  { sheet }: ComponentPlace,
): Written | undefined {
  for (const [index, { template }] of files.entries())
    if (template === true)
      sheet.refuse([...path, 'valuesFiles', index, 'template'], 'templates of values are not filled in', {
        hint: 'Write the values into a file, and name that.',
      });
  if (files.length > 1)
    sheet.refuse([...path, 'valuesFiles'], 'a chart takes one file of values', {
      hint: 'Write all values into one file.',
    });
  return sheet.value(files[0]?.path, ...path, 'valuesFiles', 0, 'path');
}
