import { open, readFile } from 'node:fs/promises';
import type { Finding } from '../../internal/finding.ts';
import { formatBytes } from '../../internal/format.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { NodeFile } from './layout.ts';
import { digestOfFile } from '../receipts/placed-state.ts';
import { parseSumsFile } from '../rancher-desktop/sums-file.ts';
import { namesIn } from '../../disk/names.ts';
import { statOf } from '../../disk/stat.ts';
import { type FilePlace, locateFile, locateFolder } from '../placed-files.ts';
import { ZSTD_HEADER_LENGTH, zstdWindow } from './zstd-window.ts';

/**
 * Suffixes of the archives that K3s imports, as its watcher compares them; it reads `.txt` as a list of images to pull.
 */
const IMPORTED = /\.(?:tar|tar\.lz4|tar\.bz2|tbz|tar\.gz|tgz|tar\.zst|tzst)$/;
const PULL_LIST = /\.txt$/;
/** Memory (bytes) that K3s gives its zstd reader (wharfie, `tarfile.go`). */
const ZSTD_WINDOW_LIMIT = 1 << 25;

/** A file of a release and its state on the disk: a path to read, or why there is none. */
interface FoundFile extends NodeFile {
  readonly real: string;
  readonly state: 'file' | 'missing' | 'other';
}

/** Reads a node's disk as K3s and its `install.sh` do. */
export async function proveNode(
  name: string,
  files: readonly NodeFile[],
  options: WaitOptions & { readonly images: string; readonly at: FilePlace },
): Promise<readonly Finding[]> {
  const found = await Promise.all(files.map(async (file) => await findFile(file, options.at)));
  const mismatches = await sumMismatches(found, options);
  const images = found.find(({ role }) => role === 'images');
  const tooLarge = images?.state === 'file' ? await windowFinding(images) : [];
  const others = await otherImports(images, options);
  const failed = [...mismatches, ...tooLarge];
  if (failed.length > 0) return [...failed, ...others];
  return [{ level: 'ok', message: `K3s ${name} is ready to install${installHint(files)}` }, ...others];
}

/** A link in place of a file is not what was placed, wherever it points. */
async function findFile(file: NodeFile, at: FilePlace): Promise<FoundFile> {
  const real = await locateFile(at, file.path);
  const stats = await statOf(real, { follow: false });
  const state = stats === undefined ? 'missing' : stats.isFile() ? 'file' : 'other';
  return { ...file, real, state };
}

/** Compares the files on the disk with the sums file on the disk, as `install.sh` would. */
async function sumMismatches(files: readonly FoundFile[], wait: WaitOptions): Promise<readonly Finding[]> {
  const sumsFile = files.find(({ role, state }) => role === 'sums' && state === 'file');
  const sums =
    sumsFile === undefined ? new Map<string, string>() : parseSumsFile(await readFile(sumsFile.real, 'utf8'));
  const findings: Finding[] = [];
  for (const { role, file, path, real, state } of files) {
    const expected = role === 'sums' || role === 'installer' ? file.descriptor.digest : sums.get(file.name);
    const digest = state === 'file' ? await digestOfFile(real, wait) : undefined;
    if (state === 'missing') findings.push({ level: 'error', message: `${path} is missing` });
    else if (expected === undefined)
      findings.push({ level: 'error', message: `${path} has no line in the sums file of the release` });
    else if (digest !== expected)
      findings.push({ level: 'error', message: `${path} is not what its release has` });
  }
  return findings;
}

async function windowFinding({ path, real }: FoundFile): Promise<readonly Finding[]> {
  const window = zstdWindow(await headOf(real));
  if (window === undefined || window <= ZSTD_WINDOW_LIMIT) return [];
  return [
    {
      level: 'error',
      message: `K3s cannot import ${path}: reading it takes ${formatBytes(window)}, and K3s allows ${formatBytes(ZSTD_WINDOW_LIMIT)}`,
      hint: 'Compress it again with "zstd --long=25" or less.',
    },
  ];
}

/** K3s imports every archive in the folder, ours or not. */
async function otherImports(
  own: NodeFile | undefined,
  { images, at }: { readonly images: string; readonly at: FilePlace },
): Promise<readonly Finding[]> {
  const names = await namesIn(await locateFolder(at, images));
  return names.flatMap((name): Finding[] => {
    if (name === own?.file.name) return [];
    if (PULL_LIST.test(name)) {
      const message = `K3s will try to pull every image that ${images}/${name} lists`;
      return [{ level: 'warning', message, hint: 'Remove the list: on a node without internet it fails.' }];
    }
    if (!IMPORTED.test(name)) return [];
    const message = `K3s will import ${images}/${name} as well`;
    return [
      {
        level: 'warning',
        message,
        hint: 'Remove it if it is left from another release, or is not meant for this node.',
      },
    ];
  });
}

function installHint(files: readonly NodeFile[]): string {
  const installer = files.find(({ role }) => role === 'installer');
  return installer === undefined ? '' : `: INSTALL_K3S_SKIP_DOWNLOAD=true ${installer.path}`;
}

async function headOf(path: string): Promise<Uint8Array> {
  await using handle = await open(path);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(ZSTD_HEADER_LENGTH), 0, ZSTD_HEADER_LENGTH, 0);
  return buffer.subarray(0, bytesRead);
}
