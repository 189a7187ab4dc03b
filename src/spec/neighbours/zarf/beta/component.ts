import { mappingOf, type Written, writtenAs } from '../../../include/written.ts';
import type { Path } from '../../../yaml/place.ts';
import { archiveOf, type ComponentParts, fileOf, imageOf, manifestOf, refuseActions } from '../component.ts';
import type { ComponentPlace } from '../place.ts';
import { chartOf } from './charts.ts';
import type { BetaComponent, BetaImage } from './schema.ts';

/** Returns what a component of `v1beta1` has pulled into the package. */
export function betaParts(component: BetaComponent, place: ComponentPlace): ComponentParts {
  const { path, sheet } = place;
  refuseUnsupported(component, place);
  const { images, imageArchives, charts } = component;
  return {
    images: [
      ...images.map((image, index) => betaImage(image, [...path, 'images', index], place)),
      ...imageArchives.map((archive, index) => archiveOf(archive, [...path, 'imageArchives', index], place)),
    ],
    charts: charts.map((chart, index) => chartOf(chart, [...path, 'charts', index], place)),
    manifests: component.manifests.flatMap(({ files, kustomize }, index) => {
      const at = [...path, 'manifests', index];
      if (kustomize !== undefined && kustomize !== null)
        sheet.refuse([...at, 'kustomize'], 'kustomize is not run', {
          hint: 'Write what it makes into a file, and name that under "files".',
        });
      return files.map((file, each) => manifestOf(file, [...at, 'files', each], place));
    }),
    files: component.files.map(({ source, checksum, extractPath }, index) => {
      const at = [...path, 'files', index];
      if (extractPath !== '')
        sheet.refuse([...at, 'extractPath'], 'a file is carried whole', {
          hint: 'Take it out; the archive is carried as it is.',
        });
      return fileOf(
        { source, shasum: checksum.replace(/^sha256:/, '') },
        [...at, 'source'],
        place,
        'checksum',
      );
    }),
  };
}

/** An image of a registry, or of the builder's own Docker. */
function betaImage({ name, source }: BetaImage, path: Path, place: ComponentPlace): Written | undefined {
  const { sheet } = place;
  if (source === '' || source === 'registry') return imageOf(name, [...path, 'name'], place);
  if (source !== 'daemon') return sheet.refuse([...path, 'source'], `it is neither "registry" nor "daemon"`);
  return mappingOf(
    {
      engine: writtenAs('docker', sheet.at(...path, 'source')),
      reference: sheet.value(name, ...path, 'name'),
    },
    sheet.at(...path),
  );
}

function refuseUnsupported(
  { import: imported, repositories, actions }: BetaComponent,
  { path, sheet }: ComponentPlace,
): void {
  if (imported !== undefined && imported !== null)
    sheet.refuse([...path, 'import'], 'components of other packages are not fetched', {
      hint: 'Include the file that it is in.',
    });
  if (repositories.length > 0)
    sheet.refuse([...path, 'repositories'], 'a bundle does not carry Git repositories', {
      hint: 'Pack it into a file first.',
    });
  refuseActions(actions, { path, sheet });
}
