import { type Form, FORMS } from '../../bundle/shape.ts';
import { parseChoice } from '../../internal/parse-choice.ts';
import { parseSize } from './values.ts';

/** Smaller volumes (bytes) would be more files than anyone wants to copy. */
const LEAST_VOLUME = 64 * 1024;

/** Declares the option that chooses the shape of the output. */
export const FORMAT_OPTION: readonly [name: string, choices: readonly Form[], description: string] = [
  '--format',
  FORMS,
  'the form of OUT; when left out, by the ending of its name, a directory without one',
];

/** Declares the option that splits the output into volumes. */
export const VOLUME_SIZE_OPTION: readonly [name: string, value: string, description: string] = [
  '--volume-size',
  'SIZE',
  'write OUT.001, OUT.002, … of this size, such as 4095MiB or 700MB; in a directory, split larger files',
];

/** Returns the values of both options. @throws `ERR_USAGE_INVALID` */
export function shapeOf(options: {
  readonly format: string | undefined;
  readonly volumeSize: string | undefined;
}): { readonly form: Form | undefined; readonly volumeSize: number | undefined } {
  const { format, volumeSize } = options;
  return {
    form: format === undefined ? undefined : parseChoice('--format', format, FORMS),
    volumeSize:
      volumeSize === undefined ? undefined : parseSize('--volume-size', volumeSize, { min: LEAST_VOLUME }),
  };
}
