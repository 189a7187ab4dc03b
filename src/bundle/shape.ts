import type { ArchiveEntry } from '../archive/archive.ts';
import { layoutDirectory } from '../archive/folder/layout.ts';
import type { ArchiveLayout } from '../archive/layout.ts';
import { layoutTar } from '../archive/tar/layout.ts';
import { layoutZip } from '../archive/zip/layout.ts';

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

/** One entry for each form: a new form needs nothing else in order to be written. */
const LAYOUTS: Readonly<Record<Form, (files: readonly ArchiveEntry[]) => ArchiveLayout>> = {
  tar: layoutTar,
  zip: layoutZip,
  dir: layoutDirectory,
};

/** Returns where everything is when these files are packed in a form. */
export function layoutIn(form: Form, files: readonly ArchiveEntry[]): ArchiveLayout {
  return LAYOUTS[form](files);
}

/** Returns the shape of an output at `path`; its form follows the name unless it is given. */
export function shapeFor(
  path: string,
  choice: { readonly form?: Form | undefined; readonly volumeSize?: number | undefined } = {},
): Shape {
  const { form = formOf(path), volumeSize } = choice;
  return { form, volumeSize };
}

/** Returns the form implied by the name of an output. */
function formOf(path: string): Form {
  return FORMS.find((form) => form !== 'dir' && path.toLowerCase().endsWith(`.${form}`)) ?? 'dir';
}

/** Returns a shape as one word, to compare shapes by. */
export function nameOfShape({ form, volumeSize }: Shape): string {
  return volumeSize === undefined ? form : `${form}/${volumeSize}`;
}
