import { open, readFile } from 'node:fs/promises';
import type { Finding } from '../../internal/finding.ts';
import { formatBytes } from '../../internal/format.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { NodeFile } from './file.ts';
import { digestOfFile } from '../receipts/placed-state.ts';
import { parseSumsFile } from '../rancher-desktop/sums-file.ts';
import { namesIn } from '../../disk/names.ts';
import { statOf } from '../../disk/stat.ts';
import { type FilePlace, locateFile, locateFolder } from '../placed-files.ts';
import { ZSTD_HEADER_LENGTH, zstdWindow } from './zstd-window.ts';

/**
 * Suffixes of the archives that K3s and RKE2 import, as their watcher compares them; it reads `.txt` as a list of images to pull.
 */
const IMPORTED = /\.(?:tar|tar\.lz4|tar\.bz2|tbz|tar\.gz|tgz|tar\.zst|tzst)$/;
const PULL_LIST = /\.txt$/;
/** Memory (bytes) that they give their zstd reader (wharfie, `tarfile.go`). */
const ZSTD_WINDOW_LIMIT = 1 << 25;

/** A file of a release and its state on the disk: a path to read, or why there is none. */
interface FoundFile extends NodeFile {
  readonly real: string;
  readonly state: 'file' | 'missing' | 'other';
}

/** What is proven of a node. */
export interface NodeProof extends WaitOptions {
  /** For messages: `K3s`. */
  readonly product: string;
  /** The release. */
  readonly name: string;
  /** The folder of images. */
  readonly images: string;
  readonly at: FilePlace;
  /** The command that installs the release, when there is one. */
  readonly command: string | undefined;
}

/** Reads a node's disk as its product and the `install.sh` of the release do. */
export async function proveNode(files: readonly NodeFile[], proof: NodeProof): Promise<readonly Finding[]> {
  const { product, name, at, command } = proof;
  const found = await Promise.all(files.map(async (file) => await findFile(file, at)));
  const failed = await sumMismatches(found, proof);
  for (const file of found)
    if (file.role === 'images' && file.state === 'file')
      failed.push(...(await windowFindings(file, product)));
  const others = await otherImports(files, proof);
  if (failed.length > 0) return [...failed, ...others];
  const next = command === undefined ? '' : `: ${command}`;
  return [{ level: 'ok', message: `${product} ${name} is ready to install${next}` }, ...others];
}

/** A link in place of a file is not what was placed, wherever it points. */
async function findFile(file: NodeFile, at: FilePlace): Promise<FoundFile> {
  const real = await locateFile(at, file.path);
  const stats = await statOf(real, { follow: false });
  const state = stats === undefined ? 'missing' : stats.isFile() ? 'file' : 'other';
  return { ...file, real, state };
}

/** Compares the files on the disk with the sums file on the disk, as `install.sh` would. */
async function sumMismatches(files: readonly FoundFile[], wait: WaitOptions): Promise<Finding[]> {
  const sumsFile = files.find(({ role, state }) => role === 'sums' && state === 'file');
  const sums =
    sumsFile === undefined ? new Map<string, string>() : parseSumsFile(await readFile(sumsFile.real, 'utf8'));
  const findings: Finding[] = [];
  for (const { role, file, path, real, state, mayLackSum } of files) {
    const own = role === 'sums' || role === 'installer' ? file.descriptor.digest : sums.get(file.name);
    const expected = own ?? (mayLackSum === true ? file.descriptor.digest : undefined);
    const digest = state === 'file' ? await digestOfFile(real, wait) : undefined;
    if (state === 'missing') findings.push({ level: 'error', message: `${path} is missing` });
    else if (expected === undefined)
      findings.push({ level: 'error', message: `${path} has no line in the sums file of the release` });
    else if (digest !== expected)
      findings.push({ level: 'error', message: `${path} is not what its release has` });
  }
  return findings;
}

async function windowFindings({ path, real }: FoundFile, product: string): Promise<readonly Finding[]> {
  const window = zstdWindow(await headOf(real));
  if (window === undefined || window <= ZSTD_WINDOW_LIMIT) return [];
  return [
    {
      level: 'error',
      message: `${product} cannot import ${path}: reading it takes ${formatBytes(window)}, and ${product} allows ${formatBytes(ZSTD_WINDOW_LIMIT)}`,
      hint: 'Compress it again with "zstd --long=25" or less.',
    },
  ];
}

/** A node imports every archive in the folder, ours or not. */
async function otherImports(
  files: readonly NodeFile[],
  { images, at, product }: NodeProof,
): Promise<readonly Finding[]> {
  const own = new Set(files.filter(({ role }) => role === 'images').map(({ file }) => file.name));
  const names = await namesIn(await locateFolder(at, images));
  return names.flatMap((name): Finding[] => {
    if (own.has(name)) return [];
    if (PULL_LIST.test(name)) {
      const message = `${product} will try to pull every image that ${images}/${name} lists`;
      return [{ level: 'warning', message, hint: 'Remove the list: on a node without internet it fails.' }];
    }
    if (!IMPORTED.test(name)) return [];
    const message = `${product} will import ${images}/${name} as well`;
    return [
      {
        level: 'warning',
        message,
        hint: 'Remove it if it is left from another release, or is not meant for this node.',
      },
    ];
  });
}

async function headOf(path: string): Promise<Uint8Array> {
  await using handle = await open(path);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(ZSTD_HEADER_LENGTH), 0, ZSTD_HEADER_LENGTH, 0);
  return buffer.subarray(0, bytesRead);
}
