import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import type { Sheet } from '../sheet.ts';
import type { ImageSetOperator } from './schema.ts';

/** Returns a catalog and the packages of it; the words of a spec are those of oc-mirror. */
export function catalogOf(operator: ImageSetOperator, path: Path, sheet: Sheet): Written | undefined {
  const { catalog, packages, full } = operator;
  refuseUnsupported(operator, path, sheet);
  const scheme = /^([a-z-]+):\/\//.exec(catalog)?.[1];
  if (scheme !== undefined && scheme !== 'docker')
    return sheet.refuse([...path, 'catalog'], `"${scheme}://" is no registry`, {
      hint: 'Push the catalog to a registry, and name it there.',
    });
  const wanted = packages.map((each, index) => packageOf(each, [...path, 'packages', index], sheet));
  return mappingOf(
    {
      catalog: writtenAs(catalog.replace(/^docker:\/\//, ''), sheet.at(...path, 'catalog')),
      full: full ? writtenAs(true, sheet.at(...path, 'full')) : undefined,
      packages: sheet.list([...path, 'packages'], wanted),
      targetCatalog: sheet.value(operator.targetCatalog, ...path, 'targetCatalog'),
      targetTag: sheet.value(operator.targetTag, ...path, 'targetTag'),
    },
    sheet.at(...path),
  );
}

function packageOf(
  { name, defaultChannel, minVersion, maxVersion, channels }: ImageSetOperator['packages'][number],
  path: Path,
  sheet: Sheet,
): Written {
  const chosen = channels.map((channel, index) => {
    const at = [...path, 'channels', index];
    return mappingOf(
      {
        name: sheet.value(channel.name, ...at, 'name'),
        minVersion: sheet.value(channel.minVersion, ...at, 'minVersion'),
        maxVersion: sheet.value(channel.maxVersion, ...at, 'maxVersion'),
      },
      sheet.at(...at),
    );
  });
  return mappingOf(
    {
      name: sheet.value(name, ...path, 'name'),
      defaultChannel: sheet.value(defaultChannel, ...path, 'defaultChannel'),
      minVersion: sheet.value(minVersion, ...path, 'minVersion'),
      maxVersion: sheet.value(maxVersion, ...path, 'maxVersion'),
      channels: sheet.list([...path, 'channels'], chosen),
    },
    sheet.at(...path),
  );
}

function refuseUnsupported(operator: ImageSetOperator, path: Path, sheet: Sheet): void {
  const { platforms, skipDependencies, targetCatalogSourceTemplate } = operator;
  if (platforms.length > 0)
    sheet.refuse([...path, 'platforms'], 'images of operators are named by digest, and carried whole', {
      hint: 'Take it out.',
    });
  if (targetCatalogSourceTemplate !== '')
    sheet.refuse([...path, 'targetCatalogSourceTemplate'], 'templates are not filled in', {
      hint: 'Take it out; "bundle config catalog-source" prints the CatalogSource.',
    });
  if (skipDependencies)
    sheet.tell([...path, 'skipDependencies'], 'what operators depend on is not added anyway');
}
