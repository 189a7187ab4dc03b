import type { IncludeContext, IncludeFormat } from '../../include/format.ts';
import { mappingOf, type Written } from '../../include/written.ts';
import { decodeDocument, type Sheet, sheetOf } from '../sheet.ts';
import type { Path } from '../../yaml/place.ts';
import type { YamlText } from '../../yaml/text.ts';
import { betaParts } from './beta/component.ts';
import { type BetaComponent, betaSchema } from './beta/schema.ts';
import { type ComponentParts, componentParts } from './component.ts';
import { zarfSchema } from './schema.ts';

/** The definition of a package of Zarf: what its components have pulled into the package. */
export const zarf: IncludeFormat = {
  title: 'zarf.yaml',
  hasComponents: true,
  recognizes: ({ kind }) =>
    kind === 'ZarfPackageConfig' || kind === 'ZarfInitConfig' || kind === 'ZarfComponentConfig',
  translate: (document, context) => {
    const sheet = sheetOf(document, context);
    const parts =
      sheet.head['apiVersion'] === 'zarf.dev/v1beta1'
        ? betaPackage(document, context, sheet)
        : alphaPackage(document, context, sheet);
    if (parts === undefined) return undefined;
    const list = (items: readonly (Written | undefined)[]): Written | undefined =>
      sheet.list(['components'], items);
    return mappingOf(
      {
        images: list(parts.flatMap(({ images }) => images)),
        charts: list(parts.flatMap(({ charts }) => charts)),
        manifests: list(parts.flatMap(({ manifests }) => manifests)),
        files: list(parts.flatMap(({ files }) => files)),
      },
      sheet.at(),
    );
  },
};

function alphaPackage(
  document: YamlText,
  context: IncludeContext,
  sheet: Sheet,
): readonly ComponentParts[] | undefined {
  const { onProblem, onFinding } = context;
  const decoded = decodeDocument(zarfSchema, document, { what: 'zarf.yaml', onProblem, onFinding });
  if (decoded === undefined) return undefined;
  const architecture = decoded.metadata?.architecture ?? '';
  const choices = decoded.components.map((component, index) => ({
    name: component.name,
    architecture: component.only?.cluster?.architecture ?? '',
    flavor: { text: component.only?.flavor ?? '', path: ['components', index, 'only', 'flavor'] },
    parts: () => componentParts(component, { path: ['components', index], architecture, sheet }),
  }));
  return chosen(choices, { architecture, context, sheet }).map(({ parts }) => parts());
}

function betaPackage(
  document: YamlText,
  context: IncludeContext,
  sheet: Sheet,
): readonly ComponentParts[] | undefined {
  const { onProblem, onFinding } = context;
  const decoded = decodeDocument(betaSchema, document, { what: 'zarf.yaml', onProblem, onFinding });
  if (decoded === undefined) return undefined;
  const architecture = decoded.metadata?.architecture ?? '';
  const { component: alone, components } = decoded;
  const placed: readonly { readonly component: BetaComponent; readonly path: Path }[] = [
    ...components.map((component, index) => ({ component, path: ['components', index] })),
    ...(alone === undefined || alone === null ? [] : [{ component: alone, path: ['component'] }]),
  ];
  const choices = placed.map(({ component, path }) => ({
    name: component.name,
    architecture: component.selector?.architecture ?? '',
    flavor: { text: component.selector?.flavor ?? '', path: [...path, 'selector', 'flavor'] },
    parts: () => betaParts(component, { path, architecture, sheet }),
  }));
  return chosen(choices, { architecture, context, sheet }).map(({ parts }) => parts());
}

/** A component, and what says whether it is packed. */
interface Choice {
  readonly name: string;
  /** Of the cluster that it is for; empty for any. */
  readonly architecture: string;
  readonly flavor: { readonly text: string; readonly path: Path };
  readonly parts: () => ComponentParts;
}

/** Without a choice, what "zarf package create" packs without one: all that need no flavor. */
function chosen(
  all: readonly Choice[],
  {
    architecture,
    context: { components: wanted },
    sheet,
  }: { readonly architecture: string; readonly context: IncludeContext; readonly sheet: Sheet },
): readonly Choice[] {
  const names = all.map(({ name }) => name);
  for (const name of wanted ?? [])
    if (!names.includes(name))
      sheet.refuse(['components'], `there is no component ${JSON.stringify(name)} in it`, {
        hint: `Its components: ${names.join(', ')}.`,
      });
  if (wanted !== undefined) return all.filter(({ name }) => wanted.includes(name));
  return all.filter(({ name, architecture: own, flavor }) => {
    if (own !== '' && architecture !== '' && own !== architecture) return false;
    if (flavor.text === '') return true;
    sheet.tell(flavor.path, 'Zarf packs it when its flavor is asked for', {
      hint: `To have it, write "components: [${name}]" beside the path of the file.`,
    });
    return false;
  });
}
