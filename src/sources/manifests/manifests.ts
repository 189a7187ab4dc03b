import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { measureFile } from '../../disk/hash/measure.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { PathGuard } from '../../internal/path/guard.ts';
import { collectProblems } from '../../internal/problems.ts';
import { MANIFESTS_ITEM } from '../../products/kubernetes/manifests-item.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { isWebAddress } from '../../spec/fields.ts';
import type { PartFiles } from '../../spec/part.ts';
import { LOCAL_FILE } from '../files/pin.ts';
import { planArtifact, type PlannedFile } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';
import { filesMatching } from './matching.ts';
import { type Mention, type NamingFile, readNames } from './reading/read.ts';

/** The manifests of a spec, read. */
export interface ManifestsWish {
  readonly files: readonly PlannedFile[];
  /** Web addresses of others, which are read when the spec is resolved. */
  readonly urls: readonly string[];
  readonly mentions: readonly Mention[];
  readonly remarks: readonly Finding[];
}

/**
 * Reads the manifests that the patterns of a spec match, each once.
 *
 * @throws `ProblemsError` with every pattern and every file that cannot be read
 */
export async function readManifests(patterns: readonly string[], files: PartFiles): Promise<ManifestsWish> {
  const whole = { code: 'ERR_SPEC_INVALID', message: () => 'Cannot read the manifests of the spec' } as const;
  const matched = await collectProblems(
    patterns.map(async (pattern, index) =>
      isWebAddress(pattern) ? [] : await filesMatching(pattern, files.placeOf(['manifests', index]), files),
    ),
    whole,
  );
  const unique = new Map(matched.flat().map((file) => [file.path, file]));
  const mentions: Mention[] = [];
  const remarks: Finding[] = [];
  const guard = new PathGuard();
  const tasks = [...unique.values()].map(async ({ written, path }) => {
    const name = titleOf(written);
    admit(guard, name, written);
    const { signal } = files;
    const found = await namesIn({ name: written, open: () => streamFile(path, { signal }) }, { signal });
    mentions.push(...found.mentions);
    remarks.push(...found.remarks);
    const { digest, size } = await measureFile(path, { signal });
    return { name, descriptor: { digest, size }, origin: { type: 'file', path } as const };
  });
  const urls = [...new Set(patterns.filter(isWebAddress))];
  return { files: await collectProblems(tasks, whole), urls, mentions, remarks };
}

/** Makes sure that a manifest can have that path in the bundle. @throws `ERR_SPEC_INVALID` */
export function admit(guard: PathGuard, name: string, written: string): void {
  const fault = guard.admit(name);
  if (fault === undefined) return;
  throw new SaddlebagError('ERR_SPEC_INVALID', `Cannot take manifest ${JSON.stringify(written)}: ${fault}`);
}

/** Returns the images that a manifest names, and what is odd about it. @throws what `readNames` throws */
export async function namesIn(
  file: NamingFile,
  options: WaitOptions,
): Promise<Pick<ManifestsWish, 'mentions' | 'remarks'>> {
  const mentions: Mention[] = [];
  const remarks: Finding[] = [];
  for await (const reading of readNames([file], options)) {
    if (reading.type === 'image') mentions.push(reading);
    if (reading.type === 'remark')
      remarks.push({ level: 'warning', message: reading.message, hint: reading.hint });
  }
  return { mentions, remarks };
}

/** Returns the path of a manifest in the bundle: below one folder, whatever folder the spec takes it from. */
export function titleOf(written: string): string {
  const parts = written
    .split('/')
    .filter((part) => !['', '.', '..'].includes(part) && !/^[A-Za-z]:$/.test(part));
  return [MANIFESTS_ITEM, ...parts].join('/');
}

/**
 * Returns the manifests as they are, as one item; none when there are none.
 *
 * @throws `ERR_DIGEST_MISMATCH` when they are not what the lock says
 */
export async function planManifests(
  { files }: ManifestsWish,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  if (files.length === 0) return [];
  const { descriptor, blobs } = planArtifact(ARTIFACT_TYPE.file, files);
  const { digest } = descriptor;
  const pinned = await context.ask(LOCAL_FILE, { name: MANIFESTS_ITEM, digest });
  if (pinned !== digest)
    throw new SaddlebagError(
      'ERR_DIGEST_MISMATCH',
      `Cannot use the manifests as they were locked: their list was "${pinned}", and is "${digest}"`,
      { hint: 'One of them changed since; "bundle lock SPEC" takes what is there now.' },
    );
  return [{ item: { kind: 'file', name: MANIFESTS_ITEM, descriptor, audience: ['files'] }, blobs }];
}
