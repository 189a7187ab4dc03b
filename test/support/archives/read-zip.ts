import type { ArchiveEntry } from '../../../src/archive/archive.ts';
import { memoryReader } from '../../../src/archive/memory.ts';
import { openZip } from '../../../src/archive/zip/reader.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';

/** Returns every entry of a zip; fails at the first that is wrong. */
export async function listZip(zip: Uint8Array): Promise<ArchiveEntry[]> {
  const found: ArchiveEntry[] = [];
  for await (const { path, size } of openZip(memoryReader(zip), { name: 'lab.zip' }).entries())
    found.push({ path, size });
  return found;
}

/** Returns the entries that a zip gives, and what is said about the others. */
export async function problemsInZip(zip: Uint8Array): Promise<{ found: string[]; problems: string[] }> {
  const found: string[] = [];
  const problems: string[] = [];
  const archive = openZip(memoryReader(zip), { name: 'lab.zip' });
  for await (const { path } of archive.entries({ onProblem: ({ error }) => problems.push(error.message) }))
    found.push(path);
  return { found, problems };
}

/** Returns the text of an entry. */
export async function readZip(zip: Uint8Array, path: string): Promise<string> {
  const stream = openZip(memoryReader(zip)).stream(path);
  const bytes = await collectBytes(stream, { limit: 99_999, onExcess: () => new Error('too long') });
  return Buffer.from(bytes).toString();
}
