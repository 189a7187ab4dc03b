/** Names Windows keeps for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
const BYTES_LIMIT = 255;

/** Returns why `name` cannot be the name of a file on every system a bundle is carried to, or `undefined` when it can. */
export function fileNameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'it is no file name';
  if (/[/\\]/.test(name)) return 'it has a slash';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f:*?"<>|]/.test(name))
    return 'it has a character that is not allowed on every system';
  if (/[. ]$|^ /.test(name)) return 'it starts or ends with a space or ends with a point';
  if (DEVICE.test(name)) return 'Windows keeps it for a device';
  return Buffer.byteLength(name) > BYTES_LIMIT ? `it is longer than ${BYTES_LIMIT} bytes` : undefined;
}

/** Returns the last part of a URL's path, decoded where it can be. */
export function lastPartOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    // A stray percent sign: the name is then what is written.
    return last;
  }
}
