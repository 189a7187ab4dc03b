import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, linkSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { NodeRelease } from '../sites/node-site.ts';

/**
 * Returns the Node.js that runs this test as a release of the download site, packed into `folder`; it is gzip'd without being
 * made smaller, which takes a second instead of ten.
 */
export async function realRelease(folder: string): Promise<NodeRelease> {
  const version = process.versions.node;
  const word = `${process.platform}-${process.arch}`;
  const root = `node-v${version}-${word}`;
  mkdirSync(join(folder, root, 'bin'), { recursive: true });
  try {
    linkSync(process.execPath, join(folder, root, 'bin', 'node'));
  } catch {
    copyFileSync(process.execPath, join(folder, root, 'bin', 'node'));
  }
  writeFileSync(join(folder, root, 'LICENSE'), 'Node.js is licensed for use as follows: …\n');
  const path = join(folder, `${root}.tar.gz`);
  const tar = spawn('tar', ['-C', folder, '-cf', '-', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  await pipeline(tar.stdout, createGzip({ level: 0 }), createWriteStream(path));
  return { version, lts: 'Test', files: { [`${root}.tar.gz`]: path } };
}

/** Builds the program that ships into `folder`, and returns that. */
export function buildProgram(folder: string): string {
  const script = join(import.meta.dirname, '../../../scripts/build.ts');
  execFileSync(process.execPath, [script, folder], { stdio: 'ignore' });
  return folder;
}
