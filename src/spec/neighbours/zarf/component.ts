import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import { chartOf } from './charts.ts';
import type { ComponentPlace } from './place.ts';
import { resolved } from './placeholders.ts';
import type { ZarfComponent, ZarfFile } from './schema.ts';

/** The content of a component in the words of a spec. */
interface ComponentParts {
  readonly images: readonly (Written | undefined)[];
  readonly charts: readonly (Written | undefined)[];
  readonly files: readonly (Written | undefined)[];
}

/** Returns what a component has pulled into the package. */
export function componentParts(component: ZarfComponent, place: ComponentPlace): ComponentParts {
  const { path } = place;
  refuseUnsupported(component, place);
  const manifests = component.manifests.flatMap(({ files, kustomizations }, index) => {
    if (kustomizations.length > 0)
      place.sheet.refuse([...path, 'manifests', index, 'kustomizations'], 'kustomize is not run', {
        hint: 'Write what it makes into a file, and name that under "files".',
      });
    return files.map((source, at) =>
      fileOf({ source, shasum: '' }, [...path, 'manifests', index, 'files', at], place),
    );
  });
  const files = component.files.map((file, index) => {
    const at = [...path, 'files', index];
    if (file.extractPath !== '')
      place.sheet.refuse([...at, 'extractPath'], 'a file is carried whole', {
        hint: 'Take it out; the archive is carried as it is.',
      });
    return fileOf(file, [...at, 'source'], place);
  });
  return {
    images: component.images.map((image, index) => imageOf(image, [...path, 'images', index], place)),
    charts: component.charts.map((chart, index) => chartOf(chart, [...path, 'charts', index], place)),
    files: [...manifests, ...files],
  };
}

/** Zarf reduces an image to the architecture of the package, unless it is given by the digest of an index. */
function imageOf(image: string, path: Path, place: ComponentPlace): Written | undefined {
  const { architecture, sheet } = place;
  const name = resolved(image, path, place);
  if (name === undefined) return undefined;
  const reference = writtenAs(name, sheet.at(...path));
  if (architecture === '' || name.includes('@')) return reference;
  const platforms = writtenAs([`linux/${architecture}`], sheet.at('metadata', 'architecture'));
  return mappingOf({ reference, platforms }, sheet.at(...path));
}

function fileOf(
  { source, shasum }: Pick<ZarfFile, 'source' | 'shasum'>,
  path: Path,
  place: ComponentPlace,
): Written | undefined {
  const { sheet } = place;
  const at = resolved(source, path, place);
  if (at === undefined) return undefined;
  const key = /^https?:\/\//i.test(at) ? 'url' : 'path';
  return mappingOf(
    {
      [key]: writtenAs(at, sheet.at(...path)),
      sha256: sheet.value(shasum, ...path.slice(0, -1), 'shasum'),
    },
    sheet.at(...path),
  );
}

function refuseUnsupported(component: ZarfComponent, { path, sheet }: ComponentPlace): void {
  const { import: imported, repos, dataInjections, imageTars, imageArchives, actions, scripts } = component;
  const refuse = (key: string, fact: string, hint: string): void =>
    sheet.refuse([...path, key], fact, { hint });
  if (imported !== undefined && imported !== null)
    refuse('import', 'components of other packages are not fetched', 'Include the file that it is in.');
  if (repos.length > 0)
    refuse('repos', 'a bundle does not carry Git repositories', 'Pack it into a file first.');
  if (dataInjections.length > 0)
    refuse('dataInjections', 'nothing is put into containers', 'Name the data under "files".');
  for (const [key, archives] of Object.entries({ imageTars, imageArchives }))
    if (archives.length > 0)
      refuse(
        key,
        'which images of an archive are wanted cannot be said in a spec',
        'Take it out, and write under "images" of the spec: { archive: PATH }, which takes all of them.',
      );
  if (actions?.onCreate !== undefined && actions.onCreate !== null)
    sheet.refuse([...path, 'actions', 'onCreate'], 'no command is run', {
      hint: 'Run it before, and name the files that it makes.',
    });
  for (const key of ['onDeploy', 'onRemove'] as const)
    if (actions?.[key] !== undefined && actions[key] !== null)
      sheet.tell([...path, 'actions', key], 'no command is run');
  if (scripts !== undefined && scripts !== null) refuse('scripts', 'no command is run', 'Take it out.');
}
