import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openWhole } from '../archive/open.ts';
import { diskError } from '../disk/errno.ts';
import { statOf } from '../disk/stat.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { isRecord } from '../internal/json.ts';
import { compareText } from '../internal/order.ts';
import { quote } from '../internal/quote.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { findFile } from './files/find.ts';
import type { SavedFiles } from './files/files.ts';
import { listFolder } from './files/folder.ts';
import { joinFiles } from './files/joined.ts';
import { listSent, listTar } from './files/tar.ts';
import { dirImages } from './forms/dir.ts';
import { dockerImages } from './forms/docker.ts';
import { layoutImages } from './forms/layout.ts';
import { isInOcTree, ocTreeImages } from './forms/oc-tree.ts';
import { REGISTRY_ROOT, registryTreeImages } from './forms/registry-tree.ts';
import { v1Images } from './forms/v1.ts';
import { readJson, type SavedImages } from './images.ts';

export interface OpenSavedOptions extends WaitOptions {
  /** The path as the user wrote it, for messages. */
  readonly written: string;
}

/** A piece of what oc-mirror writes; all of them are one. */
const PIECE = /^mirror_\d{6}\.tar$/;
/** A list has a few hundred bytes for each image (bytes). */
const LIST_LIMIT = 64 * 1024 * 1024;

/**
 * Returns the images in an archive or a folder that another program wrote, told by its content: `docker save` of every generation, OCI
 * layouts, `skopeo copy` to `docker-archive:`, `oci:` and `dir:`, hauls, Zarf packages, oc-mirror archives, the trees of `oc`. Nothing
 * is written, and no content is verified yet. Returns `undefined` for a bundle of ours.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND` when nothing is there, `ERR_ARCHIVE_INVALID`, `ERR_DIGEST_MISMATCH`, `ERR_DISK_FAILED`
 */
export async function openSaved(path: string, options: OpenSavedOptions): Promise<SavedImages | undefined> {
  const saved = await listPath(path, options);
  return saved === undefined ? undefined : await imagesOf(saved, options);
}

/**
 * Returns the images in an archive that a program sends: it is read once to be listed, and sent again when its content is read. Nothing of
 * it is kept on disk.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DIGEST_MISMATCH`; what the stream throws
 */
export async function openSent(
  resend: () => ByteStream,
  options: OpenSavedOptions,
): Promise<SavedImages | undefined> {
  return await imagesOf(await listSent(resend, options), options);
}

async function imagesOf(saved: SavedFiles, options: OpenSavedOptions): Promise<SavedImages | undefined> {
  for (const top of topsOf(saved)) {
    const found = await imagesAt(saved, { top, signal: options.signal });
    if (found !== 'nothing') return found;
  }
  throw new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read images of ${quote(options.written)}: it holds none that can be told`,
    { hint: 'Give what "docker save", "skopeo copy" or another such program wrote, or a folder of it.' },
  );
}

/** Only our own bundles are zips. */
async function listPath(path: string, options: OpenSavedOptions): Promise<SavedFiles | undefined> {
  const found = await statOf(path);
  if (found?.isDirectory() !== true) {
    if (await isZip(path)) return undefined;
    const pieces = PIECE.test(basename(path)) ? await piecesIn(dirname(path)) : [path];
    return await listPieces(pieces, options);
  }
  const pieces = await piecesIn(path);
  return pieces.length > 0 ? await listPieces(pieces, options) : await listFolder(path, options);
}

async function isZip(path: string): Promise<boolean> {
  await using reader = await openWhole(path);
  return Buffer.from(await reader.read(0, 4)).toString('latin1') === 'PK\x03\x04';
}

async function listPieces(pieces: readonly string[], options: OpenSavedOptions): Promise<SavedFiles> {
  const listed: SavedFiles[] = [];
  for (const piece of pieces) listed.push(await listTar(piece, options));
  return joinFiles(listed, options.written);
}

async function piecesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw diskError('read', folder, cause, 'input');
  });
  return names
    .filter((name) => PIECE.test(name))
    .sort(compareText)
    .map((name) => join(folder, name));
}

/** Who packs a folder, and not what is in it, gets its name before each path. */
function topsOf({ files, links }: SavedFiles): readonly string[] {
  const [first = ''] = files.keys();
  const top = /^[^/]+\//.exec(first)?.[0];
  const isShared =
    top !== undefined && [...files.keys(), ...links.keys()].every((path) => path.startsWith(top));
  return isShared ? ['', top] : [''];
}

/** An `index.json` comes first: the `manifest.json` beside it may give every platform of an image the same name. */
async function imagesAt(
  saved: SavedFiles,
  options: WaitOptions & { readonly top: string },
): Promise<SavedImages | undefined | 'nothing'> {
  const { top, signal } = options;
  const has = (path: string): boolean => findFile(saved, `${top}${path}`) !== undefined;
  if (has('bundle.json') && has('index.json')) return undefined;
  if (has('zarf.yaml') && has('images/index.json'))
    return await layoutImages(saved, { top: `${top}images/`, isZarf: true, signal });
  if (has('index.json')) return await layoutImages(saved, { top, isZarf: false, signal });
  const list = findFile(saved, `${top}manifest.json`);
  if (list !== undefined) {
    const value = await readJson(saved, list, { limit: LIST_LIMIT, signal });
    return isRecord(value) ? await dirImages(saved, options) : await dockerImages(saved, options);
  }
  if (has('repositories')) return await v1Images(saved, options);
  const paths = [...saved.files.keys()].map((path) => (path.startsWith(top) ? path.slice(top.length) : ''));
  if (paths.some((path) => path.startsWith(REGISTRY_ROOT))) return await registryTreeImages(saved, options);
  return paths.some(isInOcTree) ? await ocTreeImages(saved, options) : 'nothing';
}
