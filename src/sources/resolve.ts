import type { PlannedItem } from '../bundle/format/item.ts';
import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import { compareText, uniqueBy } from '../internal/order.ts';
import { collectProblems, ProblemsError } from '../internal/problems.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ImageDigests } from '../spec/parts/image-digests.ts';
import type { ImagePart, Spec } from '../spec/schema.ts';
import { type ResolvedChart, resolveCharts } from './charts/charts.ts';
import { tellLookalikes } from './charts/images/lookalikes.ts';
import { compareDigests, requireDigests } from './images/check-digests.ts';
import { PAUSE_IMAGE } from '../products/rancher-desktop/offer.ts';
import { resolveFiles } from './files/files.ts';
import { resolveImages } from './images/images.ts';
import { resolveKubernetes } from './kubectl/kubernetes.ts';
import { type RancherRelease, resolveRancher } from './rancher/rancher.ts';
import { resolveSignatures } from './images/signatures.ts';
import type { SourceContext } from './source.ts';
import { wantedImages } from './wanted-images.ts';

/** What the files hold that a spec names. */
export interface SpecFiles {
  /** The references of its image lists. */
  readonly references: readonly string[];
  /** What its lists of digests say. */
  readonly digests?: ImageDigests | undefined;
  /** Its packed charts, by path as it is written. */
  readonly charts?: ReadonlyMap<string, Uint8Array> | undefined;
}

/**
 * Resolves a whole spec. The items come sorted by kind and name, each once.
 *
 * @throws `ProblemsError` with every problem of every source: with their code when they share one, `ERR_RESOLVE_FAILED`
 * otherwise
 */
export async function resolveItems(
  spec: Spec,
  lists: SpecFiles,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { rancherDesktop, k3s, kubectl, files, images } = spec;
  const named = [...namesOf(images), ...lists.references];
  const carriesPauseImage = named.some((text) => fullName(text) === PAUSE_IMAGE);
  const rancher = spec.rancher === undefined ? undefined : resolveRancher(spec.rancher, context);
  const charts = resolveCharts({ charts: spec.charts, files: lists.charts ?? new Map() }, context);
  try {
    const items = await collectProblems(
      [
        Promise.resolve(rancher).then((release) => release?.items ?? []),
        charts.then((all) => all.map(({ planned }) => planned)),
        resolveAllImages(spec, { lists, rancher, charts }, context),
        resolveKubernetes({ rancherDesktop, k3s, kubectl, carriesPauseImage }, context),
        resolveFiles(files, context),
      ],
      { code: 'ERR_RESOLVE_FAILED', message: () => `Cannot resolve "${spec.name}"` },
    );
    const all = items.flat().sort(byKindAndName);
    tellLookalikes(await charts, all, context);
    return all;
  } catch (error) {
    throw error instanceof ProblemsError ? summarize(spec.name, error.problems) : error;
  }
}

/** Also when a chart or Rancher has a problem, those of all other images are told in the same round. */
async function resolveAllImages(
  { images, platforms, signatures = true }: Spec,
  from: {
    readonly lists: SpecFiles;
    readonly rancher: Promise<RancherRelease> | undefined;
    readonly charts: Promise<readonly ResolvedChart[]>;
  },
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { references: listed, digests = new Map() } = from.lists;
  const [rancher] = await Promise.allSettled([from.rancher]);
  const [charts] = await Promise.allSettled([from.charts]);
  const release = rancher.status === 'fulfilled' ? rancher.value : undefined;
  const part = wantedImages({
    images,
    listed,
    platforms,
    rancher: release,
    charts: charts.status === 'fulfilled' ? charts.value : [],
  });
  const references = [...namesOf(part.images), ...part.listed];
  const tasks = [
    resolveImages(part, context),
    requireDigests(references, digests, context).then((): readonly PlannedItem[] => []),
  ];
  const resolved = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the images of the spec',
  });
  const name = `Rancher ${release?.tag ?? ''}`;
  if (release !== undefined) await compareDigests(release.linux, { name, digests: release.digests }, context);
  const items = resolved.flat();
  return signatures ? [...items, ...(await resolveSignatures(items, context))] : items;
}

function namesOf(images: readonly ImagePart[]): readonly string[] {
  return images.map((image) => (typeof image === 'string' ? image : image.reference));
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
