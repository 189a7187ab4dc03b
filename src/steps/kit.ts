import { basename, dirname, join } from 'node:path';
import type { BundleDocument } from '../bundle/bundle.ts';
import { openBundle } from '../bundle/open.ts';
import { namesIn } from '../disk/names.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import type { HttpClient } from '../internal/http/http.ts';
import { kitFiles, type KitRuntime } from '../kit/contents.ts';
import { type KitFile, smallFile } from '../kit/file.ts';
import { KIT } from '../kit/names.ts';
import { readKit } from '../kit/read.ts';
import { programFiles } from '../kit/program.ts';
import { cachedRuntime } from '../kit/runtime/cache.ts';
import { requireKitPlace, requireKitSpace, writeKit, type WrittenKit } from '../kit/write.ts';
import { renderStartPage, type StartBundle } from '../page/start/start-page.ts';
import { live } from '../sources/live.ts';
import {
  knownRuntimes,
  type KitWish,
  type ResolvedRuntimes,
  resolveRuntimes,
} from '../sources/node/runtimes.ts';
import { cacheFolder } from '../targets/host-paths.ts';
import { VERSION } from '../version.ts';
import type { Ears } from './ears.ts';
import { hostEnvironment, type Surroundings } from './surroundings.ts';

/** Who follows the making of a kit. */
type KitEars = Pick<Ears<KitProgress>, 'signal' | 'onProgress'>;

/** A kit whose runtimes are in the cache. */
export interface PreparedKit {
  readonly folder: string;
  readonly runtimes: ResolvedRuntimes;
  readonly files: readonly KitFile[];
  /** Came over the network (bytes); the rest was in the cache folder. */
  readonly fetchedBytes: number;
}

/** Progress of a kit: its runtimes are fetched into the cache folder, then its files are written. */
export interface KitProgress {
  readonly phase: 'fetch-kit' | 'write-kit';
  /** Runtimes, or files, done. */
  readonly done: number;
  readonly total: number;
  readonly bytesDone: number;
  /** Left out for downloads: no list says how large they are. */
  readonly bytesTotal?: number | undefined;
  /** The download or the file that is under way. */
  readonly underWay?: string | undefined;
}

/** A kit that no spec says anything of. */
export interface LooseKitWish extends KitWish {
  /** The release of Node.js; the newest LTS release when left out. */
  readonly node?: string | undefined;
  /** Where runtimes are downloaded from; https://nodejs.org/dist when left out. */
  readonly mirror?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** A kit that was written. */
export interface KitResult extends WrittenKit {
  /** The folder that it is in. */
  readonly path: string;
  /** Version of Node.js. */
  readonly node: string;
  /** `os/architecture` */
  readonly platforms: readonly string[];
  readonly fetchedBytes: number;
}

/**
 * Makes sure that a kit can be made beside an output, before anything is fetched.
 *
 * @throws `ERR_USAGE_INVALID`, `ERR_OUTPUT_UNWRITABLE`
 */
export async function requireKitBeside(out: string, { program }: Surroundings): Promise<void> {
  if ([KIT.launcher, 'kit'].includes(basename(out)))
    throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot write "${out}": the kit has a file of that name`, {
      hint: 'Give the bundle another name, such as lab.tar.',
    });
  await programFiles(program);
  await requireKitPlace(dirname(out));
}

/**
 * Returns the runtimes of a kit that no spec asks for, by the bundles in its folder.
 *
 * @throws what `resolveRuntimes` throws
 */
export async function resolveKit(
  wish: LooseKitWish,
  folder: string,
  options: Omit<Ears, 'onProgress'> & {
    readonly http: HttpClient;
    readonly surroundings: Surroundings;
    /** Of a bundle that is not there yet. */
    readonly platforms?: readonly string[] | undefined;
  },
): Promise<ResolvedRuntimes> {
  const { http, signal, onFinding, surroundings, platforms = [] } = options;
  const { node: version, mirror } = wish;
  const registryOf = (): never => {
    throw new TypeError('a kit needs no registry');
  };
  const upstreams = mirror === undefined ? {} : { node: mirror };
  const { ask } = live({ http, registryOf }, { upstreams, env: surroundings.env, signal });
  const record = (await readKit(folder))?.record;
  const known = record === undefined ? undefined : knownRuntimes(record.node, record.downloads);
  const there = await bundlesIn(folder, { signal });
  const desktops = [...platforms, ...there.flatMap((bundle) => bundle.platforms)];
  const warn = (finding: Finding): void => onFinding?.(finding);
  return await resolveRuntimes(wish, { version, desktops, known }, { ask, upstreams, warn });
}

/**
 * Brings the runtimes of a kit into the cache folder.
 *
 * @throws what `programFiles` and `cachedRuntime` throw
 */
export async function prepareKit(
  folder: string,
  runtimes: ResolvedRuntimes,
  options: KitEars & { readonly http: HttpClient; readonly surroundings: Surroundings },
): Promise<PreparedKit> {
  const { http, signal, surroundings, onProgress } = options;
  const cache = join(cacheFolder(hostEnvironment(surroundings)), 'node');
  const { version, downloads } = runtimes;
  const found: KitRuntime[] = [];
  let fetchedBytes = 0;
  let bytesDone = 0;
  const total = downloads.length;
  for (const { platform, name, url, digest } of downloads) {
    const tell = (): void =>
      onProgress?.({ phase: 'fetch-kit', done: found.length, total, bytesDone, underWay: name });
    const fetch = async function* counted(): ByteStream {
      tell();
      for await (const chunk of http.download(url, { signal })) {
        bytesDone += chunk.length;
        tell();
        yield chunk;
      }
    };
    const { runtime, fetched } = await cachedRuntime({ version, platform, digest, fetch }, cache, { signal });
    fetchedBytes += fetched;
    found.push({ platform, download: name, url, digest, cached: runtime });
  }
  const program = await programFiles(surroundings.program);
  const files = await kitFiles({ program, version: VERSION, node: version, runtimes: found });
  return { folder, runtimes, files, fetchedBytes };
}

/**
 * Makes sure that a kit fits beside `others`, bytes that are going to be written there too.
 *
 * @throws `ERR_DISK_FULL`
 */
export async function requireRoomForKit(kit: PreparedKit, others: number): Promise<void> {
  await requireKitSpace(kit.folder, kit.files, { others });
}

/**
 * Writes a kit, with a page that names the bundles beside it.
 *
 * @throws what `writeKit` throws
 */
export async function finishKit(kit: PreparedKit, { signal, onProgress }: KitEars = {}): Promise<KitResult> {
  const { folder, runtimes, files, fetchedBytes } = kit;
  const platforms = runtimes.downloads.map(({ platform }) => platform.platform);
  const page = renderStartPage({
    bundles: await bundlesIn(folder, { signal }),
    platforms,
    program: VERSION,
    node: runtimes.version,
  });
  const all = [...files, smallFile(KIT.page, page)];
  const bytesTotal = all.reduce((sum, { size }) => sum + size, 0);
  let [bytesDone, begun] = [0, 0];
  let underWay: string | undefined;
  const tell = (): void =>
    onProgress?.({ phase: 'write-kit', done: begun - 1, total: all.length, bytesDone, bytesTotal, underWay });
  const written = await writeKit(folder, all, {
    signal,
    onFile: ({ path }) => {
      begun += 1;
      underWay = path;
      tell();
    },
    onBytes: (count) => {
      bytesDone += count;
      tell();
    },
  });
  return { path: folder, node: runtimes.version, platforms, fetchedBytes, ...written };
}

/** A bundle beside a kit. */
export interface BundleBeside extends StartBundle {
  /** Those that it has clients for, `os/architecture`. */
  readonly platforms: readonly string[];
}

/** Returns the platforms that a bundle has clients for: those of its desktops, as far as it tells. */
export function platformsOf({ items }: BundleDocument): readonly string[] {
  return items.flatMap((item) => (item.kind === 'kubectl' ? [item.platform] : []));
}

/** Archives and first volumes; any other name may be that of a folder. */
const LATER_VOLUME = /\.(?!001$)\d{3,}$/;
/** More names (of a folder) than a stick with bundles has. */
const MOST = 1000;

/** Returns the bundles in a folder, by name. What cannot be opened is none. */
export async function bundlesIn(
  folder: string,
  { signal }: Pick<Ears, 'signal'> = {},
): Promise<readonly BundleBeside[]> {
  const found: BundleBeside[] = [];
  const own: readonly string[] = Object.values(KIT);
  for (const file of (await namesIn(folder)).slice(0, MOST)) {
    if (own.includes(file) || file === 'kit' || LATER_VOLUME.test(file)) continue;
    try {
      await using bundle = await openBundle(join(folder, file), { signal });
      const { document, root } = bundle;
      found.push({ file, name: document.name, root, platforms: platformsOf(document) });
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    }
  }
  return found;
}
