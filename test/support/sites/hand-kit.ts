import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeKitSums } from '../../../src/kit/sums.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';

/** A kit of small files, whose launcher says that it runs. */
export interface HandKit {
  readonly folder: string;
  readonly files: Readonly<Record<string, string>>;
  /** Text of `SHA256SUMS`, and its digest. */
  readonly sums: string;
  readonly digest: Digest;
}

const RECORD = { kit: 1, program: '1.2.3', node: '24.5.0', platforms: ['linux/amd64'], downloads: {} };

const FILES: Readonly<Record<string, string>> = {
  'START-HERE.html': '<!doctype html>',
  bundle: '#!/bin/sh\necho 1.2.3\n',
  'bundle.cmd': '@echo 1.2.3\r\n',
  'kit/kit.json': JSON.stringify(RECORD),
  'kit/licences/node.txt': 'licensed\n',
  'kit/node/linux-x64/node': 'for linux/amd64\n',
  'kit/node/linux-arm64/node': 'for linux/arm64\n',
  'kit/node/win-x64/node.exe': 'for windows/amd64\n',
  'kit/program/main.js': '// main\n',
  'kit/program/parts/verify.mjs': `// ${'long '.repeat(1000)}\n`,
};

/** Writes a kit to a folder. */
export function writeHandKit(folder: string): HandKit {
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  chmodSync(join(folder, 'bundle'), 0o755);
  const sums = encodeKitSums(
    Object.entries(FILES).map(([path, content]) => ({ path, digest: digestOf(content) })),
  );
  writeFileSync(join(folder, 'SHA256SUMS'), sums);
  return { folder, files: FILES, sums, digest: digestOf(sums) };
}
