import { basename, dirname, join } from 'node:path';
import type { ArchiveEntry } from '../../archive/archive.ts';
import type { ArchiveLayout } from '../../archive/layout.ts';
import { cutVolumes, VOLUME_LIMIT, volumeName } from '../../archive/volumes/volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import type { Rows } from '../../internal/table/rows.ts';
import { BundleContents } from '../format/blobs/contents.ts';
import { BlobTable } from '../format/blobs/table.ts';
import type { BundlePlan } from '../plan/plan.ts';
import { layoutIn, type Shape } from '../shape.ts';

/** A bundle laid out: which files it will consist of, and where in them every byte goes. */
export interface OutputLayout {
  readonly shape: Shape;
  /** Where it goes, as the user said. */
  readonly path: string;
  /** What is on the disk at the end: one file, several numbered files side by side, or a folder. */
  readonly kind: 'file' | 'volumes' | 'folder';
  /** Where it grows: a file, or a folder for the other two kinds. */
  readonly partial: string;
  readonly archive: ArchiveLayout;
  /** The files that the archive lies in, end to end, where they grow. */
  readonly volumes: readonly Volume[];
  /** The files that are volumes, by the name of what they were cut from. */
  readonly cuts: readonly Cut[];
}

/** Something that is cut into volumes. */
export interface Cut {
  readonly base: string;
  readonly volumes: readonly Volume[];
}

/** Returns where an output grows until it is complete: beside it, so that only a rename is left to do. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/** Returns the path of the journal of an output. */
export function journalPath(path: string): string {
  return `${partialPath(path)}.journal`;
}

/** Returns every file of a planned bundle in archive order. */
export function filesOf({ files, document }: BundlePlan): Rows<ArchiveEntry> {
  return new BundleContents(files, BlobTable.of(document.blobs));
}

/**
 * Lays a bundle out at `path`.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when something would need more than {@link VOLUME_LIMIT} volumes
 */
export function layOutput(plan: BundlePlan, path: string, shape: Shape): OutputLayout {
  const archive = layoutIn(shape.form, filesOf(plan));
  const base = { shape, path, partial: partialPath(path), archive };
  const { volumeSize } = shape;
  const kind = kindOf(shape);
  if (kind === 'folder') return { ...base, kind, ...filesIn(base, volumeSize) };
  if (volumeSize === undefined) {
    return { ...base, kind, volumes: [{ file: base.partial, size: archive.size }], cuts: [] };
  }
  const cut = cutAt(join(base.partial, basename(path)), archive.size, volumeSize);
  return { ...base, kind, volumes: cut.volumes, cuts: [cut] };
}

/** Returns what an output of a shape is on the disk. */
export function kindOf({ form, volumeSize }: Shape): OutputLayout['kind'] {
  if (form === 'dir') return 'folder';
  return volumeSize === undefined ? 'file' : 'volumes';
}

/** Returns the path by which users name the bundle. */
export function resultPath({ kind, path }: Pick<OutputLayout, 'kind' | 'path'>): string {
  return kind === 'volumes' ? volumeName(path, 1) : path;
}

/** Returns the final path of a file of the output; `file` is where it grows. */
export function finalPath({ kind, path, partial }: OutputLayout, file: string): string {
  if (kind === 'file') return path;
  return kind === 'volumes' ? join(dirname(path), basename(file)) : join(path, file.slice(partial.length));
}

/** Returns the paths of all that is the bundle in the end: of volumes each, of a folder the folder. */
export function pathsOf(output: OutputLayout): readonly string[] {
  const { kind, path, volumes } = output;
  return kind === 'volumes' ? volumes.map(({ file }) => finalPath(output, file)) : [path];
}

function filesIn(
  { partial, archive }: Pick<OutputLayout, 'partial' | 'archive'>,
  volumeSize = Number.POSITIVE_INFINITY,
): Pick<OutputLayout, 'volumes' | 'cuts'> {
  const cuts: Cut[] = [];
  const volumes = [...archive.entries].flatMap(({ path, size }) => {
    const file = join(partial, ...path.split('/'));
    if (size <= volumeSize) return [{ file, size }];
    const cut = cutAt(file, size, volumeSize);
    cuts.push(cut);
    return cut.volumes;
  });
  return { volumes, cuts };
}

function cutAt(base: string, size: number, volumeSize: number): Cut {
  const count = Math.ceil(size / volumeSize);
  if (count > VOLUME_LIMIT) {
    const least = Math.ceil(size / VOLUME_LIMIT / 1024 ** 2);
    throw new SaddlebagError(
      'ERR_OUTPUT_UNWRITABLE',
      `Cannot cut "${basename(base)}" into volumes of ${formatBytes(volumeSize)}: its ${formatBytes(size)} would need ${count} of them, and ${VOLUME_LIMIT} are allowed`,
      { hint: `Use --volume-size ${least}MiB or more.` },
    );
  }
  return { base, volumes: cutVolumes(base, size, volumeSize) };
}
