import type { IncludeContext, IncludeFormat } from '../../include/format.ts';
import { mappingOf, type Written } from '../../include/written.ts';
import { decodeDocument, type Sheet, sheetOf } from '../sheet.ts';
import { componentParts } from './component.ts';
import { type ZarfComponent, type ZarfPackage, zarfSchema } from './schema.ts';

/** The definition of a package of Zarf: what its components have pulled into the package. */
export const zarf: IncludeFormat = {
  title: 'zarf.yaml',
  hasComponents: true,
  recognizes: ({ kind }) =>
    kind === 'ZarfPackageConfig' || kind === 'ZarfInitConfig' || kind === 'ZarfComponentConfig',
  translate: (document, context) => {
    const { onProblem, onFinding } = context;
    const sheet = sheetOf(document, context);
    if (sheet.head['apiVersion'] === 'zarf.dev/v1beta1')
      return sheet.refuse(['apiVersion'], 'zarf.dev/v1alpha1 is read', {
        hint: 'Write the package as zarf.dev/v1alpha1.',
      });
    const decoded = decodeDocument(zarfSchema, document, { what: 'zarf.yaml', onProblem, onFinding });
    if (decoded === undefined) return undefined;
    const architecture = decoded.metadata?.architecture ?? '';
    const parts = chosen(decoded, context, sheet).map(({ component, index }) =>
      componentParts(component, { path: ['components', index], architecture, sheet }),
    );
    const list = (items: readonly (Written | undefined)[]): Written | undefined =>
      sheet.list(['components'], items);
    return mappingOf(
      {
        images: list(parts.flatMap(({ images }) => images)),
        charts: list(parts.flatMap(({ charts }) => charts)),
        files: list(parts.flatMap(({ files }) => files)),
      },
      sheet.at(),
    );
  },
};

/** Without a choice, what "zarf package create" packs without one: all that need no flavor. */
function chosen(
  { components, metadata }: ZarfPackage,
  { components: wanted }: IncludeContext,
  sheet: Sheet,
): readonly { readonly component: ZarfComponent; readonly index: number }[] {
  const all = components.map((component, index) => ({ component, index }));
  const names = components.map(({ name }) => name);
  for (const name of wanted ?? [])
    if (!names.includes(name))
      sheet.refuse(['components'], `there is no component ${JSON.stringify(name)} in it`, {
        hint: `Its components: ${names.join(', ')}.`,
      });
  if (wanted !== undefined) return all.filter(({ component }) => wanted.includes(component.name));
  const architecture = metadata?.architecture ?? '';
  return all.filter(({ component: { name, only }, index }) => {
    const fits = [only?.cluster?.architecture ?? '', architecture];
    if (!fits.includes('') && fits[0] !== fits[1]) return false;
    if ((only?.flavor ?? '') === '') return true;
    sheet.tell(['components', index, 'only', 'flavor'], 'Zarf packs it when its flavor is asked for', {
      hint: `To have it, write "components: [${name}]" beside the path of the file.`,
    });
    return false;
  });
}
