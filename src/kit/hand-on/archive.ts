import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { layoutTar } from '../../archive/tar/layout.ts';
import { streamFile } from '../../disk/stream-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { Digest } from '../../oci/digest.ts';
import { KIT } from '../names.ts';

/** A tar of what a machine needs of a kit. */
interface KitArchive {
  /** bytes */
  readonly size: number;
  /** Fails when a file is no longer as long as it was. */
  readonly open: () => ByteStream;
}

/**
 * Returns a tar of what a machine with this runtime, such as `linux-x64`, needs of a kit, or `undefined` when the kit has no such
 * runtime. `SHA256SUMS` comes first; whoever unpacks it checks the rest by that. The files are read as they are sent. Throws
 * system errors as they are.
 */
export async function kitArchive(
  { folder, sums }: { readonly folder: string; readonly sums: ReadonlyMap<string, Digest> },
  runtime: string,
): Promise<KitArchive | undefined> {
  const paths = [...sums.keys()].filter((path) => isFor(runtime, path));
  if (!paths.some((path) => path.startsWith(`${KIT.runtimes}/`))) return undefined;
  const measured = [KIT.sums, ...paths].map(async (path) => {
    const { size } = await stat(join(folder, path));
    return { path, size };
  });
  const layout = layoutTar(await Promise.all(measured));
  return {
    size: layout.size,
    open: () => layout.pack(({ path, size }) => exactly(size, streamFile(join(folder, path)))),
  };
}

/** The first page stays with the bundle that it speaks of. */
function isFor(runtime: string, path: string): boolean {
  if (path.startsWith(`${KIT.runtimes}/`)) return path.startsWith(`${KIT.runtimes}/${runtime}/`);
  if (path.startsWith('kit/')) return true;
  return path === (runtime.startsWith('win-') ? KIT.windowsLauncher : KIT.launcher);
}

async function* exactly(size: number, content: ByteStream): ByteStream {
  let seen = 0;
  for await (const chunk of content) {
    seen += chunk.length;
    if (seen > size) break;
    yield chunk;
  }
  if (seen !== size) throw new Error(`a file of the kit has another size than the ${size} bytes it had`);
}
