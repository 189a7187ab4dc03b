import { readTextFile } from '../../disk/read-text.ts';
import { statOf } from '../../disk/stat.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { NamingFile } from '../../sources/manifests/reading/read.ts';
import { isIncludable } from '../../spec/read-spec.ts';
import { namingFiles } from './naming-files.ts';

const STDIN = '-';
/** A file of another program is no longer than this, in bytes; a list of pods may be. */
const LIMIT = 4 * 1024 * 1024;

/**
 * Returns what to read images from: a file that is neither a spec nor one of another program, or the standard input. `undefined` for
 * those that say themselves what they want.
 *
 * @throws `ERR_SPEC_UNREADABLE`; `ERR_USAGE_INVALID` for a file of another program on the standard input
 */
export async function namingSource(
  from: string,
  options: WaitOptions & { readonly stdin?: ByteStream | undefined },
): Promise<NamingFile | undefined> {
  const [file] = namingFiles([from], options);
  if (file === undefined) return undefined;
  if (from !== STDIN) return (await saysWhatItWants(from, options)) ? undefined : file;
  const rest = file.open()[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let length = 0;
  while (length <= LIMIT) {
    const next = await rest.next();
    if (next.done === true) break;
    start.push(next.value);
    length += next.value.length;
  }
  if (length <= LIMIT && isIncludable(Buffer.concat(start).toString('utf8'), file.name))
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot make a spec of the standard input: what such a file names lies beside it',
      { hint: 'Name the file: bundle init FILE' },
    );
  return { name: file.name, open: () => resumed(start, rest) };
}

async function saysWhatItWants(path: string, options: WaitOptions): Promise<boolean> {
  const found = await statOf(path);
  if (found?.isFile() === true && found.size > LIMIT) return false;
  const hint = 'Give the path of a spec, of a file of another program, of a list of pods or of images.';
  const text = await readTextFile(path, { what: 'file', code: 'ERR_SPEC_UNREADABLE', hint }, options);
  return isIncludable(text, path);
}

async function* resumed(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): ByteStream {
  yield* start;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
