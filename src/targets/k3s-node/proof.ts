import { open, readFile } from 'node:fs/promises';
import type { Finding } from '../../internal/finding.ts';
import { systemCode } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { isArchiveName } from '../../products/k3s/asset.ts';
import type { NodeFile } from './layout.ts';
import { digestOfFile } from '../receipts/placed-state.ts';
import { parseSumsFile } from '../rancher-desktop/sums-file.ts';
import { namesIn } from '../../disk/names.ts';
import { ZSTD_HEADER_LENGTH, zstdWindow } from './zstd-window.ts';

/** Suffixes of the archives K3s imports, as its watcher compares them; it reads `.txt` as a list of images to pull. */
const IMPORTED = /\.(?:tar|tar\.lz4|tar\.bz2|tbz|tar\.gz|tgz|tar\.zst|tzst)$/;
const PULL_LIST = /\.txt$/;
/** Memory (bytes) that K3s gives its zstd reader (wharfie, `tarfile.go`). */
const ZSTD_WINDOW_LIMIT = 1 << 25;

/** Reads a node's disk the way K3s and its `install.sh` do. */
export async function proveNode(
  name: string,
  files: readonly NodeFile[],
  options: WaitOptions & { readonly images: string },
): Promise<readonly Finding[]> {
  const mismatches = await sumMismatches(files, options);
  const images = files.find(({ role }) => role === 'images');
  const tooLarge = images === undefined ? [] : await windowFinding(images.path);
  const others = await otherImports(images, options.images);
  const failed = [...mismatches, ...tooLarge];
  if (failed.length > 0) return [...failed, ...others];
  return [{ level: 'ok', message: `K3s ${name} is ready to install${installHint(files)}` }, ...others];
}

/** What lies on the disk is compared with the sums file that lies on the disk, as `install.sh` would. */
async function sumMismatches(files: readonly NodeFile[], options: WaitOptions): Promise<readonly Finding[]> {
  const sumsFile = files.find(({ role }) => role === 'sums');
  const sums =
    sumsFile === undefined ? new Map<string, string>() : parseSumsFile(await textOf(sumsFile.path));
  const findings: Finding[] = [];
  for (const { role, file, path } of files) {
    const expected = role === 'sums' || role === 'installer' ? file.descriptor.digest : sums.get(file.name);
    const found = await digestOfFile(path, options).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) findings.push({ level: 'error', message: `${path} is missing` });
    else if (expected === undefined)
      findings.push({ level: 'error', message: `${path} has no line in the sums file of the release` });
    else if (found !== expected)
      findings.push({ level: 'error', message: `${path} is not what its release has` });
  }
  return findings;
}

async function windowFinding(path: string): Promise<readonly Finding[]> {
  const window = zstdWindow(await headOf(path));
  if (window === undefined || window <= ZSTD_WINDOW_LIMIT) return [];
  return [
    {
      level: 'error',
      message: `K3s cannot import ${path}: reading it takes ${formatBytes(window)}, and K3s allows ${formatBytes(ZSTD_WINDOW_LIMIT)}`,
      hint: 'Compress it again with "zstd --long=25" or less.',
    },
  ];
}

/** K3s imports everything in the folder, ours or not. */
async function otherImports(images: NodeFile | undefined, folder: string): Promise<readonly Finding[]> {
  const names = (await namesIn(folder)).filter((name) => name !== images?.file.name);
  return names.flatMap((name): Finding[] => {
    if (PULL_LIST.test(name)) {
      const message = `K3s will try to pull every image that ${folder}/${name} lists`;
      return [{ level: 'warning', message, hint: 'Remove the list: on a node without internet it fails.' }];
    }
    if (!IMPORTED.test(name) || !isArchiveName(name)) return [];
    const message = `K3s will import ${folder}/${name} as well`;
    return [{ level: 'warning', message, hint: 'Remove it if it is left from another release.' }];
  });
}

function installHint(files: readonly NodeFile[]): string {
  const installer = files.find(({ role }) => role === 'installer');
  return installer === undefined ? '' : `: INSTALL_K3S_SKIP_DOWNLOAD=true ${installer.path}`;
}

async function headOf(path: string): Promise<Uint8Array> {
  try {
    await using handle = await open(path);
    const { bytesRead, buffer } = await handle.read(
      Buffer.alloc(ZSTD_HEADER_LENGTH),
      0,
      ZSTD_HEADER_LENGTH,
      0,
    );
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
}
