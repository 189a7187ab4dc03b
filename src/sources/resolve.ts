import type { PlannedItem } from '../bundle/item.ts';
import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import { compareText, uniqueBy } from '../internal/order.ts';
import { collectProblems, ProblemsError } from '../internal/problems.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { Spec } from '../spec/schema.ts';
import { PAUSE_IMAGE } from './desktop-warnings.ts';
import { resolveFiles } from './files.ts';
import { resolveImages } from './images.ts';
import { resolveKubernetes } from './kubernetes.ts';
import type { SourceContext } from './source.ts';

/**
 * Resolves a whole spec. `lists.references` are the references found in its image lists. The items come sorted by kind and
 * name, each once.
 *
 * @throws `ProblemsError` with every problem of every source: with their code when they share one, `ERR_RESOLVE_FAILED`
 * otherwise
 */
export async function resolveItems(
  spec: Spec,
  lists: { readonly references: readonly string[] },
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { images, platforms, rancherDesktop, k3s, kubectl, files } = spec;
  const listed = lists.references;
  const named = [...images.map((image) => (typeof image === 'string' ? image : image.reference)), ...listed];
  const carriesPauseImage = named.some((text) => fullName(text) === PAUSE_IMAGE);
  try {
    const items = await collectProblems(
      [
        resolveImages({ images, listed, platforms }, context),
        resolveKubernetes({ rancherDesktop, k3s, kubectl, carriesPauseImage }, context),
        resolveFiles(files, context),
      ],
      { code: 'ERR_RESOLVE_FAILED', message: () => `Cannot resolve "${spec.name}"` },
    );
    return items.flat().sort(byKindAndName);
  } catch (error) {
    throw error instanceof ProblemsError ? summarize(spec.name, error.problems) : error;
  }
}

/** The same trouble may be met on several ways, such as a version that two parts of the spec ask for. */
function summarize(name: string, all: readonly SaddlebagError[]): ProblemsError {
  const problems = uniqueBy(all, ({ code, message }) => `${code} ${message}`);
  const [first] = problems;
  const isOfOneKind = problems.every(({ code }) => code === first?.code);
  const code = isOfOneKind && first !== undefined ? first.code : 'ERR_RESOLVE_FAILED';
  const count = problems.length === 1 ? 'there is 1 problem' : `there are ${problems.length} problems`;
  return new ProblemsError(code, `Cannot resolve "${name}": ${count}`, { problems });
}

function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    // The images of the spec report it.
    if (!isSaddlebagError(error)) throw error;
    return undefined;
  }
}

function byKindAndName(left: PlannedItem, right: PlannedItem): number {
  return compareText(left.item.kind, right.item.kind) || compareText(left.item.name, right.item.name);
}
