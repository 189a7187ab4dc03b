import { link, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { withOwners } from '../../bundle/plan/graph.ts';
import type { Progress } from '../../bundle/write/write.ts';
import { attempt } from '../../disk/errno.ts';
import { makeFolder } from '../../disk/folder.ts';
import { place } from '../../disk/place.ts';
import { claimOutput } from '../../disk/sharing/claim.ts';
import { Sweep } from '../../disk/sharing/temporary.ts';
import { freeSpace } from '../../disk/space.ts';
import { statOf } from '../../disk/stat.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { swapFolder } from '../../disk/swap-folder.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';
import { keepOnly, requireFree, requireLinks } from './folder.ts';
import { planTree, type TreePlan } from './plan.ts';

export type { TreePlan };

/** A text of the tree beside its images. */
interface TreeText {
  readonly path: string;
  readonly text: string;
}

export interface TreeOptions extends WaitOptions {
  /** Where the tree goes. */
  readonly path: string;
  /** `process.platform` of the host: on Windows `oc` writes and reads digests with a hyphen. */
  readonly platform: string;
  /** ConfigMaps with the signatures of releases, by their names under `config`. */
  readonly signatures: readonly TreeText[];
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A tree that was written. Sizes are of its content, each blob counted once (bytes). */
export interface WrittenTree {
  readonly plan: TreePlan;
  readonly bytes: number;
  readonly blobs: number;
  readonly fetchedBytes: number;
  /** What a stopped run had written already. */
  readonly reusedBytes: number;
}

/** A stick reads fastest sequentially, so one blob is read while another is written, and no more. */
const CONCURRENCY = 2;
/** As `oc` sets them. */
const MODE = { file: 0o600, config: 0o640, configFolder: 0o750 } as const;

/**
 * Writes the images of a bundle as the tree that `oc adm release mirror --to-dir` writes and `oc image mirror --from-dir` reads
 * (openshift/oc, `pkg/cli/image/imagesource/file.go`). Each blob is verified and written once; a repository that has it too gets a
 * hard link. The tree grows in `<path>.partial` and gets its name when it is complete. After a failure or a kill the same call
 * continues: what is there already is hashed again.
 *
 * @throws what `planTree` throws, `ERR_BASE_MISSING` for a delta; `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`; `ProblemsError`
 * `ERR_BUNDLE_DAMAGED` with every blob that is not what it should be
 */
export async function writeOcTree(bundle: Bundle, options: TreeOptions): Promise<WrittenTree> {
  const { path, platform, signatures, signal } = options;
  throwIfInterrupted(signal);
  const plan = await planTree(bundle, { path, signal });
  const names = treeNames(plan, platform === 'win32');
  await requireFree(path, new Set([...names.all, ...signatures.map((file) => `config/${file.path}`)]));
  const partial = `${path}.partial`;
  await using _claim = await claimOutput(`${partial}.claim`);
  await requireLinks(path, { isWindows: platform === 'win32' });
  await keepOnly(partial, new Map([...names.homes].map(([name, { size }]) => [name, size])));
  await requireSpace(path, names.homes);
  const tally = await fill(bundle, { partial, plan, names, options });
  await attempt('write', path, async () => {
    for (const [name, home] of names.links)
      await inFolder(partial, name, (file) => link(join(partial, home), file));
    for (const [name, target] of names.tags) await inFolder(partial, name, (file) => symlink(target, file));
  });
  for (const { path: name, text } of signatures) {
    await makeFolder(join(partial, 'config'), { mode: MODE.configFolder });
    await place(join(partial, 'config', name), text, { mode: MODE.config, signal });
  }
  await makeFolder(join(partial, 'v2'));
  throwIfInterrupted(signal);
  await attempt('complete', path, () => swapFolder(partial, path, { aside: `${partial}.replaced` }));
  return { plan, ...tally };
}

/** What is where in a tree, by path. */
interface TreeNames {
  /** Where each blob is written. */
  readonly homes: ReadonlyMap<string, Descriptor>;
  /** Further places of a blob, and its home. */
  readonly links: ReadonlyMap<string, string>;
  /** Tags, and the names that they lead to. */
  readonly tags: readonly (readonly [name: string, target: string])[];
  readonly all: readonly string[];
}

function treeNames({ repositories }: TreePlan, isWindows: boolean): TreeNames {
  const spelled = (digest: Digest): string => (isWindows ? digest.replace(':', '-') : digest);
  const homes = new Map<string, Descriptor>();
  const links = new Map<string, string>();
  const tags: (readonly [string, string])[] = [];
  const homeOf = new Map<Digest, string>();
  for (const repository of repositories) {
    const root = `v2/${repository.name}`;
    for (const [digest, descriptor] of repository.blobs) {
      const name = `${root}/blobs/${spelled(digest)}`;
      const home = homeOf.get(digest);
      if (home === undefined) homes.set(name, descriptor);
      else links.set(name, home);
      homeOf.set(digest, home ?? name);
    }
    for (const digest of repository.manifests)
      links.set(`${root}/manifests/${spelled(digest)}`, homeOf.get(digest) ?? '');
    for (const [tag, digest] of repository.tags) tags.push([`${root}/manifests/${tag}`, spelled(digest)]);
  }
  return { homes, links, tags, all: [...homes.keys(), ...links.keys(), ...tags.map(([name]) => name)] };
}

async function inFolder(root: string, name: string, make: (file: string) => Promise<void>): Promise<void> {
  const file = join(root, ...name.split('/'));
  await makeFolder(dirname(file));
  await attempt('make link', file, () => make(file));
}

async function requireSpace(path: string, homes: TreeNames['homes']): Promise<void> {
  const { free, unit } = await freeSpace(dirname(path));
  let needed = 0;
  for (const [name, { size }] of homes)
    if ((await statOf(join(`${path}.partial`, name))) === undefined) needed += Math.ceil(size / unit) * unit;
  if (needed <= free) return;
  throw new SaddlebagError(
    'ERR_DISK_FULL',
    `Cannot write "${path}": it needs ${formatBytes(needed)} more, and ${formatBytes(free)} are free`,
    { hint: 'Free some space and run the same command again: it continues where it stopped.' },
  );
}

async function fill(
  bundle: Bundle,
  work: {
    readonly partial: string;
    readonly plan: TreePlan;
    readonly names: TreeNames;
    readonly options: TreeOptions;
  },
): Promise<Omit<WrittenTree, 'plan'>> {
  const { partial, names, plan, options } = work;
  const { signal, onProgress } = options;
  const sweep = new Sweep();
  const problems: SaddlebagError[] = [];
  const bytes = [...names.homes.values()].reduce((sum, { size }) => sum + size, 0);
  const done = { fetchedBytes: 0, reusedBytes: 0, doneBlobs: 0 };
  const total = { totalBytes: bytes, totalBlobs: names.homes.size };
  const tell = (): void => onProgress?.({ ...done, ...total, underWay: [] });
  await mapConcurrently(names.homes, CONCURRENCY, async ([name, descriptor]) => {
    throwIfInterrupted(signal);
    const file = join(partial, ...name.split('/'));
    if (await isThere(file, descriptor, { signal })) done.reusedBytes += descriptor.size;
    else {
      await makeFolder(dirname(file));
      const content = counted(verified(bundle.fetch(descriptor, { signal }), descriptor), (count) => {
        done.fetchedBytes += count;
        tell();
      });
      try {
        await place(file, content, { mode: MODE.file, sweep, signal });
      } catch (error) {
        if (!isSaddlebagError(error) || !DAMAGE.includes(error.code)) throw error;
        const message = withOwners(error.message, plan.owners.of(descriptor.digest));
        problems.push(new SaddlebagError(error.code, message, { hint: error.hint, cause: error }));
      }
    }
    done.doneBlobs += 1;
    tell();
  });
  if (problems.length > 0) throw damaged(bundle, problems);
  return {
    bytes,
    blobs: total.totalBlobs,
    fetchedBytes: done.fetchedBytes,
    reusedBytes: done.reusedBytes,
  };
}

const DAMAGE: readonly string[] = ['ERR_DIGEST_MISMATCH', 'ERR_SIZE_MISMATCH', 'ERR_CONTENT_NOT_FOUND'];

/** A file of the right size may still be damaged; then it is written again. */
async function isThere(file: string, descriptor: Descriptor, { signal }: WaitOptions): Promise<boolean> {
  if ((await statOf(file)) === undefined) return false;
  try {
    for await (const _ of verified(streamFile(file, { signal }), descriptor)) throwIfInterrupted(signal);
    return true;
  } catch (error) {
    throwIfInterrupted(signal);
    if (isSaddlebagError(error)) await rm(file, { force: true });
    else throw error;
    return false;
  }
}

async function* counted(stream: ByteStream, onBytes: (count: number) => void): ByteStream {
  for await (const chunk of stream) {
    yield chunk;
    onBytes(chunk.length);
  }
}

function damaged({ path }: Bundle, problems: readonly SaddlebagError[]): ProblemsError {
  return new ProblemsError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot copy bundle "${path}": it has ${formatCount(problems.length, 'problem')}`,
    { problems, hint: 'Copy the bundle again from where it was built.' },
  );
}
