import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeEntry, fromOffset, LAYER_END, padding } from '../../../src/oci/layer/encode.ts';
import { layerEntries } from '../../../src/oci/layer/entries.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const PATHS = [
  'a',
  'n'.repeat(100),
  'n'.repeat(101),
  `${'p'.repeat(155)}/${'n'.repeat(100)}`,
  `${'p'.repeat(156)}/n`,
  `p/${'n'.repeat(101)}`,
  `${'p/'.repeat(90)}${'n'.repeat(80)}`,
  'é/😀',
  `${'é'.repeat(60)}/x`,
];

const layer = (): Buffer =>
  Buffer.concat([
    ...PATHS.flatMap((path) => [
      encodeEntry({ path, type: 'file', size: 3 }),
      Buffer.from('abc'),
      padding(3),
    ]),
    encodeEntry({ path: 'folder', type: 'folder', size: 0 }),
    LAYER_END,
  ]);

describe('a layer that is made', () => {
  it('is read back', async () => {
    const entries: string[] = [];
    for await (const { path, type, size, content } of layerEntries(streamOf(layer()), {
      bytes: 1e6,
      entries: 100,
    }))
      entries.push(
        `${type} ${path} ${size} ${Buffer.concat(await Array.fromAsync(content)).toString('utf8')}`,
      );
    expect(entries).toEqual([...PATHS.map((path) => `file ${path} 3 abc`), 'folder folder 0 ']);
  });

  it('is read by tar', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'layer.tar');
    writeFileSync(file, layer());
    const listed = execFileSync('tar', ['--quoting-style=literal', '--numeric-owner', '-tvf', file], {
      encoding: 'utf8',
      env: { TZ: 'UTC', PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    });
    expect(listed.trim().split('\n')).toEqual([
      ...PATHS.map((path) => `-rw-r--r-- 0/0               3 1970-01-01 00:00 ${path}`),
      'drwxr-xr-x 0/0               0 1970-01-01 00:00 folder/',
    ]);
  });

  it('begins where a reader left off', async () => {
    const bytes = layer();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
    }
    for (const offset of [0, 1, 100, 101, bytes.length]) {
      const rest = Buffer.concat(await Array.fromAsync(fromOffset(pieces(), offset)));
      expect(rest.equals(bytes.subarray(offset))).toBe(true);
    }
  });
});
