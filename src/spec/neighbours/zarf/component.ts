import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import type { Path } from '../../yaml/place.ts';
import { chartOf } from './charts.ts';
import type { ComponentPlace } from './place.ts';
import { resolved } from './placeholders.ts';
import type { ZarfArchive, ZarfComponent, ZarfFile } from './schema.ts';

/** The content of a component in the words of a spec. */
export interface ComponentParts {
  readonly images: readonly (Written | undefined)[];
  readonly charts: readonly (Written | undefined)[];
  readonly manifests: readonly (Written | undefined)[];
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
    return files.map((source, at) => manifestOf(source, [...path, 'manifests', index, 'files', at], place));
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
    images: [
      ...component.images.map((image, index) => imageOf(image, [...path, 'images', index], place)),
      ...component.imageArchives.map((archive, index) =>
        archiveOf(archive, [...path, 'imageArchives', index], place),
      ),
    ],
    charts: component.charts.map((chart, index) => chartOf(chart, [...path, 'charts', index], place)),
    manifests,
    files,
  };
}

/** Zarf reduces an image to the architecture of the package, unless it is given by the digest of an index. */
export function imageOf(image: string, path: Path, place: ComponentPlace): Written | undefined {
  const { architecture, sheet } = place;
  const name = resolved(image, path, place);
  if (name === undefined) return undefined;
  const reference = writtenAs(name, sheet.at(...path));
  if (architecture === '' || name.includes('@')) return reference;
  const platforms = writtenAs([`linux/${architecture}`], sheet.at('metadata', 'architecture'));
  return mappingOf({ reference, platforms }, sheet.at(...path));
}

/** The images of an archive that the package takes. */
export function archiveOf(
  { path: file, images }: ZarfArchive,
  path: Path,
  { sheet }: ComponentPlace,
): Written | undefined {
  const chosen = images.map((image, index) => sheet.value(image, ...path, 'images', index));
  return mappingOf(
    {
      archive: sheet.value(file, ...path, 'path'),
      images: sheet.list([...path, 'images'], chosen),
    },
    sheet.at(...path),
  );
}

/** A manifest goes along, and the images that it names. */
export function manifestOf(written: string, path: Path, place: ComponentPlace): Written | undefined {
  const at = resolved(written, path, place);
  return at === undefined ? undefined : writtenAs(at, place.sheet.at(...path));
}

export function fileOf(
  { source, shasum }: Pick<ZarfFile, 'source' | 'shasum'>,
  path: Path,
  place: ComponentPlace,
  sum = 'shasum',
): Written | undefined {
  const { sheet } = place;
  const at = resolved(source, path, place);
  if (at === undefined) return undefined;
  const key = /^https?:\/\//i.test(at) ? 'url' : 'path';
  return mappingOf(
    {
      [key]: writtenAs(at, sheet.at(...path)),
      sha256: sheet.value(shasum, ...path.slice(0, -1), sum),
    },
    sheet.at(...path),
  );
}

function refuseUnsupported(component: ZarfComponent, place: ComponentPlace): void {
  const { path, sheet } = place;
  const { import: imported, repos, dataInjections, imageTars, actions, scripts } = component;
  const refuse = (key: string, fact: string, hint: string): void =>
    sheet.refuse([...path, key], fact, { hint });
  if (imported !== undefined && imported !== null)
    refuse('import', 'components of other packages are not fetched', 'Include the file that it is in.');
  if (repos.length > 0)
    refuse('repos', 'a bundle does not carry Git repositories', 'Pack it into a file first.');
  if (dataInjections.length > 0)
    refuse('dataInjections', 'nothing is put into containers', 'Name the data under "files".');
  if (imageTars.length > 0)
    refuse(
      'imageTars',
      'Zarf calls it "imageArchives" by now',
      'Write that, or under "images" of the spec: { archive: PATH }.',
    );
  refuseActions(actions, place);
  if (scripts !== undefined && scripts !== null) refuse('scripts', 'no command is run', 'Take it out.');
}

/** Commands at creation make content; those at deployment are Zarf's. */
export function refuseActions(
  actions: ZarfComponent['actions'],
  { path, sheet }: Pick<ComponentPlace, 'path' | 'sheet'>,
): void {
  if (actions?.onCreate !== undefined && actions.onCreate !== null)
    sheet.refuse([...path, 'actions', 'onCreate'], 'no command is run', {
      hint: 'Run it before, and name the files that it makes.',
    });
  for (const key of ['onDeploy', 'onRemove'] as const)
    if (actions?.[key] !== undefined && actions[key] !== null)
      sheet.tell([...path, 'actions', key], 'no command is run');
}
