import { SaddlebagError } from '../internal/error.ts';

/** Names that Windows keeps for devices, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i;
const LENGTH_LIMIT = 255;

/**
 * Returns a name out of a bundle when it is a plain file name on every system: nothing that leads elsewhere, that Windows
 * reads as a device or a stream, or that a terminal would act on.
 *
 * @throws `ERR_TARGET_REFUSED`
 */
export function safeFileName(name: string): string {
  const fact = factAgainst(name);
  if (fact === undefined) return name;
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot place file ${JSON.stringify(name)}: ${fact}`, {
    hint: 'A bundle built by Saddlebag has no such name: find out where this one comes from.',
  });
}

function factAgainst(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'it is not a file name';
  if (/[/\\]/.test(name)) return 'it leads to another folder';
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f<>:"|?*]/.test(name)) return 'it holds characters that not every system allows';
  if (/[. ]$/.test(name)) return 'it ends with a dot or a space, which Windows drops';
  if (DEVICE.test(name)) return 'it is the name of a device on Windows';
  if (Buffer.byteLength(name) > LENGTH_LIMIT) return `it is longer than ${LENGTH_LIMIT} bytes`;
  return undefined;
}
