import { SaddlebagError } from '../internal/error.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';

/** A Node.js runtime as its download site names it (https://nodejs.org/dist, `index.json` and `SHASUMS256.txt`). */
export interface NodePlatform {
  /** `os/architecture` */
  readonly platform: string;
  /** The site's word for it: `linux-x64`. */
  readonly word: string;
  /** The name of the program itself. */
  readonly program: 'node' | 'node.exe';
}

/** The platforms that a kit can have a runtime for. */
const NODE_PLATFORMS: readonly NodePlatform[] = [
  { platform: 'linux/amd64', word: 'linux-x64', program: 'node' },
  { platform: 'linux/arm64', word: 'linux-arm64', program: 'node' },
  { platform: 'windows/amd64', word: 'win-x64', program: 'node.exe' },
  { platform: 'darwin/amd64', word: 'darwin-x64', program: 'node' },
  { platform: 'darwin/arm64', word: 'darwin-arm64', program: 'node' },
];

/** The oldest Node.js that the program runs on; `engines` in `package.json` begins with it. */
export const OLDEST_NODE = '22.22.2';

/** Returns the name of a platform's download below the folder of its version. Windows' is the bare program. */
export function nodeDownload(version: string, { word, program }: NodePlatform): string {
  return program === 'node.exe' ? `${word}/node.exe` : `node-v${version}-${word}.tar.gz`;
}

/**
 * Returns the runtime for a platform in any usual spelling: `windows/x64`, `macos/arm64`, `linux/x86_64`.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
export function parseNodePlatform(text: string): NodePlatform {
  const { os, architecture } = parsePlatform(text);
  const wanted = formatPlatform({ os: SYSTEMS[os] ?? os, architecture });
  const found = NODE_PLATFORMS.find(({ platform }) => platform === wanted);
  if (found !== undefined) return found;
  throw new SaddlebagError(
    'ERR_PLATFORM_INVALID',
    `Cannot make a kit for ${JSON.stringify(text)}: there is no runtime for it`,
    { hint: `A kit can have runtimes for ${NODE_PLATFORMS.map(({ platform }) => platform).join(', ')}.` },
  );
}

const SYSTEMS: Readonly<Record<string, string>> = {
  macos: 'darwin',
  osx: 'darwin',
  win: 'windows',
  win32: 'windows',
};
