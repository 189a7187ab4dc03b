import { readFile } from 'node:fs/promises';
import { streamFile } from '../disk/stream-file.ts';
import { compareText } from '../internal/order.ts';
import { verified } from '../oci/verified.ts';
import type { NodePlatform } from '../products/node.ts';
import { type KitFile, smallFile } from './file.ts';
import { LAUNCHER, WINDOWS_LAUNCHER } from './launcher.ts';
import { KIT, runtimePath } from './names.ts';
import { encodeKitRecord } from './record.ts';
import type { CachedRuntime } from './runtime/cache.ts';

/** A runtime that a kit is made of. */
export interface KitRuntime {
  readonly platform: NodePlatform;
  /** Name of its download, where it is from, and its digest. */
  readonly download: string;
  readonly url: string;
  readonly digest: string;
  readonly cached: CachedRuntime;
}

/** What a kit is made of, but for its page. */
export interface KitParts {
  readonly program: readonly KitFile[];
  /** Version of the program. */
  readonly version: string;
  /** `24.5.0` */
  readonly node: string;
  readonly runtimes: readonly KitRuntime[];
}

/** Returns the files of a kit, but for its page and its sums. */
export async function kitFiles({ program, version, node, runtimes }: KitParts): Promise<readonly KitFile[]> {
  const record = {
    program: version,
    node,
    platforms: runtimes.map(({ platform }) => platform.platform).toSorted(compareText),
    downloads: Object.fromEntries(runtimes.map(({ download, digest }) => [download, digest])),
  };
  const hasWindows = runtimes.some(({ platform }) => platform.program === 'node.exe');
  return [
    smallFile(KIT.launcher, LAUNCHER, { isProgram: true }),
    ...(hasWindows ? [smallFile(KIT.windowsLauncher, WINDOWS_LAUNCHER)] : []),
    smallFile(KIT.record, encodeKitRecord(record)),
    ...program,
    ...runtimes.map(runtimeFile),
    smallFile(`${KIT.licences}/node.txt`, await nodeLicence(node, runtimes)),
  ];
}

function runtimeFile({ platform, cached }: KitRuntime): KitFile {
  const { path, digest, size } = cached;
  return {
    path: runtimePath(platform.word, platform.program),
    digest,
    size,
    isProgram: true,
    open: () => verified(streamFile(path), { digest, size }),
  };
}

/** Windows' download is the bare program: where there is no other, the licence is given by its address. */
async function nodeLicence(node: string, runtimes: readonly KitRuntime[]): Promise<string> {
  const head = [
    `Node.js ${node}, unmodified, as published by the Node.js project:`,
    ...runtimes.map(({ url, digest }) => `  ${url}  ${digest}`),
    '',
  ].join('\n');
  const licence = runtimes.find(({ cached }) => cached.licence !== undefined)?.cached.licence;
  const text =
    licence === undefined
      ? `Its licence: https://github.com/nodejs/node/blob/v${node}/LICENSE\n`
      : await readFile(licence, 'utf8');
  return `${head}\n${text}`;
}
