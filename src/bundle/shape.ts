import type { Rows } from '../internal/table/rows.ts';
import type { ArchiveEntry } from '../archive/archive.ts';
import { layoutDirectory } from '../archive/folder/layout.ts';
import type { ArchiveLayout } from '../archive/layout.ts';
import { layoutTar } from '../archive/tar/layout.ts';
import { layoutZip } from '../archive/zip/layout.ts';
import { SaddlebagError } from '../internal/error.ts';

/** How the files of a bundle are kept together. */
export type Form = 'tar' | 'zip' | 'dir';

/** Every form, the usual one first. */
export const FORMS: readonly Form[] = ['tar', 'zip', 'dir'];

/** The shape of a bundle on disk. */
export interface Shape {
  readonly form: Form;
  /**
   * Size of the largest allowed file (bytes). A tar or a zip is then always cut into volumes, `lab.tar.001` and so on; in a
   * directory only larger files are.
   */
  readonly volumeSize?: number | undefined;
}

/** Returns whether a bundle is said to be in a registry: `oci://HOST/REPOSITORY:TAG`. */
export function isInRegistry(path: string): boolean {
  return /^oci:\/\//i.test(path);
}

/** One entry for each form: a new form needs nothing else in order to be written. */
const LAYOUTS: Readonly<Record<Form, (files: Rows<ArchiveEntry>) => ArchiveLayout>> = {
  tar: layoutTar,
  zip: layoutZip,
  dir: layoutDirectory,
};

/** Returns where everything is when these files are packed in a form. */
export function layoutIn(form: Form, files: Rows<ArchiveEntry>): ArchiveLayout {
  return LAYOUTS[form](files);
}

/**
 * Returns the shape of an output at `path`; its form follows the name unless it is given.
 *
 * @throws `ERR_USAGE_INVALID` when the name ends like something else than a bundle
 */
export function shapeFor(
  path: string,
  choice: { readonly form?: Form | undefined; readonly volumeSize?: number | undefined } = {},
): Shape {
  const { form = formOf(path), volumeSize } = choice;
  return { form, volumeSize };
}

/** An ending with a letter, or that of a volume; `lab-1.2` has none. `.d` is a folder's. */
const ENDING = /[^./\\]\.(\d*[a-z][a-z0-9]*|\d{3,})[/\\]*$/i;

/** Returns the form implied by the name of an output. */
function formOf(path: string): Form {
  const ending = ENDING.exec(path)?.[1]?.toLowerCase() ?? 'd';
  const form = ending === 'd' ? 'dir' : FORMS.find((each) => each !== 'dir' && each === ending);
  if (form !== undefined) return form;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot tell the form of "${path}": a bundle is a ".tar", a ".zip" or a folder, and not a ".${ending}"`,
    { hint: remedyFor(path, ending) },
  );
}

function remedyFor(path: string, ending: string): string {
  const plain = path.replace(/[/\\]+$/, '').slice(0, -ending.length - 1);
  const base = plain.replace(/\.(?:tar|zip)$/i, '');
  if (/^\d+$/.test(ending))
    return `Write "${plain}", and --volume-size for volumes: they are numbered by themselves.`;
  const why = COMPRESSED.includes(ending) ? 'It is not compressed, for its layers are already. ' : '';
  return `${why}Write "${base}.tar", or --format dir for a folder of that name.`;
}

const COMPRESSED: readonly string[] = ['gz', 'tgz', 'xz', 'txz', 'zst', 'tzst', 'bz2', 'lz4', 'z'];

/** Returns a shape as one word, to compare shapes by. */
export function nameOfShape({ form, volumeSize }: Shape): string {
  return volumeSize === undefined ? form : `${form}/${volumeSize}`;
}
