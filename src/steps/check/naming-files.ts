import { SaddlebagError } from '../../internal/error.ts';
import { factOf } from '../../disk/errno.ts';
import { streamFile } from '../../disk/stream-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { NamingFile } from '../../sources/manifests/reading/read.ts';

/** The name of the standard input among files. */
const STDIN = '-';

/**
 * Returns the files at these paths, to be read as streams; `-` is `stdin`.
 *
 * @throws `ERR_USAGE_INVALID` for `-` without a standard input, or twice
 */
export function namingFiles(
  paths: readonly string[],
  { stdin, signal }: WaitOptions & { readonly stdin?: ByteStream | undefined },
): readonly NamingFile[] {
  if (paths.filter((path) => path === STDIN).length > 1)
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot read the standard input twice: "--for -" is there twice',
    );
  return paths.map((path) => ({
    name: path === STDIN ? 'standard input' : path,
    open: () => (path === STDIN ? given(stdin) : contentOf(path, signal)),
  }));
}

function given(stdin: ByteStream | undefined): ByteStream {
  if (stdin !== undefined) return stdin;
  throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot read the standard input: there is none');
}

/** bytes */
const CHUNK = 64 * 1024;

/** A missing file is told in the words of all files. */
async function* contentOf(path: string, signal: AbortSignal | undefined): ByteStream {
  try {
    yield* streamFile(path, { chunk: CHUNK, signal });
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    throw new SaddlebagError('ERR_OBJECTS_INVALID', `Cannot read ${JSON.stringify(path)}: ${factOf(cause)}`, {
      cause,
    });
  }
}
