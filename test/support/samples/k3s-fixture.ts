import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the bytes of a file of `test/fixtures/k3s`; `README.md` there says where each is from. */
export function k3sFixture(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../../fixtures/k3s', name));
}
