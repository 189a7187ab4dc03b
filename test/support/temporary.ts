import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns a folder that is removed with all that is in it when it is disposed of. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'saddlebag-'));
  return { path: folder.path, [Symbol.dispose]: () => folder.remove() };
}
