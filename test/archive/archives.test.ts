import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDirectory } from '../../src/archive/folder/reader.ts';
import { memoryArchive, memoryReader } from '../../src/archive/memory.ts';
import { openArchive } from '../../src/archive/open.ts';
import { openTar } from '../../src/archive/tar/reader.ts';
import { openZip } from '../../src/archive/zip/reader.ts';
import { CONTRACT_FILES, describeArchive } from '../contracts/archive.ts';
import { type RawEntry, rawTar } from '../support/archives/raw-tar.ts';
import { rawZip } from '../support/archives/raw-zip.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { writeVolumes } from '../support/samples/volumes.ts';

const entries: readonly RawEntry[] = [...CONTRACT_FILES].map(([path, bytes]) => ({ path, bytes }));

function filesIn(folder: string): void {
  for (const [path, bytes] of CONTRACT_FILES) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

describeArchive('memory', async () => ({ archive: memoryArchive(CONTRACT_FILES) }));

describeArchive('a tar in memory', async () => ({ archive: openTar(memoryReader(rawTar(entries))) }));

describeArchive('a tar on disk', async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'a.tar');
  writeFileSync(path, rawTar(entries));
  return { archive: await openArchive(path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a tar packed by GNU tar', async () => {
  const folder = temporaryFolder();
  filesIn(join(folder.path, 'files'));
  const path = join(folder.path, 'a.tar');
  execFileSync('tar', ['--sort=name', '-cf', path, '-C', join(folder.path, 'files'), '.']);
  return { archive: await openArchive(path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a folder', async () => {
  const folder = temporaryFolder();
  filesIn(folder.path);
  return { archive: openDirectory(folder.path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a zip in memory', async () => ({ archive: openZip(memoryReader(rawZip(entries))) }));

describeArchive('a zip on disk', async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'a.zip');
  writeFileSync(path, rawZip(entries));
  return { archive: await openArchive(path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a tar in volumes', async () => {
  const folder = temporaryFolder();
  const path = writeVolumes(join(folder.path, 'a.tar'), rawTar(entries), 300_007);
  return { archive: await openArchive(path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a zip in volumes', async () => {
  const folder = temporaryFolder();
  const path = writeVolumes(join(folder.path, 'a.zip'), rawZip(entries), 300_007);
  return { archive: await openArchive(path), dispose: () => folder[Symbol.dispose]() };
});

describeArchive('a folder with large files in volumes', async () => {
  const folder = temporaryFolder();
  filesIn(folder.path);
  for (const [path, bytes] of CONTRACT_FILES) {
    if (bytes.length <= 500) continue;
    rmSync(join(folder.path, path));
    writeVolumes(join(folder.path, path), bytes, 300_007);
    writeFileSync(join(folder.path, `${path}.sha256`), 'sums');
  }
  return { archive: openDirectory(folder.path), dispose: () => folder[Symbol.dispose]() };
});
