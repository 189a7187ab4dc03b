import { layoutZip } from '../../../src/archive/zip/layout.ts';
import { streamOf } from '../../../src/internal/bytes.ts';

/** Returns the zip that a build would write of these files. */
export async function packZipOf(files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const layout = layoutZip([...files].map(([path, { length }]) => ({ path, size: length })));
  const chunks: Uint8Array[] = [];
  for await (const chunk of layout.pack(({ path }) => streamOf(files.get(path) ?? Buffer.alloc(0)))) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
