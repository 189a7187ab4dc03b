import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Sheet } from '../sheet.ts';
import type { EdgeChart, EdgeRepository } from './schema.ts';

/** Edge Image Builder takes values from a folder beside the definition. */
const VALUES = 'kubernetes/helm/values';

/** Returns a chart of the repository that it names. */
export function chartOf(
  { name, repositoryName, version, valuesFile, apiVersions }: EdgeChart,
  index: number,
  { repositories, sheet }: { readonly repositories: readonly EdgeRepository[]; readonly sheet: Sheet },
): Written | undefined {
  const path = ['kubernetes', 'helm', 'charts', index];
  if (apiVersions.length > 0)
    sheet.refuse([...path, 'apiVersions'], 'a chart is rendered for a version of Kubernetes alone', {
      hint: 'Take it out; the images that only these versions ask for belong under embeddedArtifactRegistry.images.',
    });
  const at = repositories.findIndex((each) => each.name === repositoryName);
  const found = repositories[at];
  if (found === undefined)
    return sheet.refuse([...path, 'repositoryName'], 'there is no such repository under "repositories"');
  const values =
    valuesFile === '' ? undefined : writtenAs(`${VALUES}/${valuesFile}`, sheet.at(...path, 'valuesFile'));
  if (found.url.startsWith('oci://')) {
    const reference = `${found.url.replace(/\/$/, '')}/${name}:${version}`;
    return mappingOf(
      { reference: writtenAs(reference, sheet.at(...path, 'name')), values },
      sheet.at(...path),
    );
  }
  return mappingOf(
    {
      repository: sheet.value(found.url, 'kubernetes', 'helm', 'repositories', at, 'url'),
      name: sheet.value(name, ...path, 'name'),
      version: sheet.value(version, ...path, 'version'),
      values,
    },
    sheet.at(...path),
  );
}
