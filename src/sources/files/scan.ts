import { lstat, opendir, readlink, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PathGuard } from '../../internal/path/guard.ts';
import { factOf } from '../../disk/errno.ts';
import { measureFile } from '../../disk/hash/measure.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { compareText } from '../../internal/order.ts';
import { type ArtifactLink, faultOfLinks } from '../../oci/artifact-tree.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { PlannedFile, PlannedTree } from '../images/planned-artifact.ts';

/** Most files, links and folders in one folder of a spec: its manifest must stay below 4 MiB. */
const ENTRY_LIMIT = 10_000;
/** Files that are read at once. */
const CONCURRENCY = 4;

/** What to look at, and what it is called. */
export interface ScanOptions extends WaitOptions {
  /** Name in the bundle. */
  readonly name: string;
  /** As it is written in the spec, for messages. */
  readonly written: string;
}

/**
 * Returns a file, or all that is in a folder. A symbolic link in the folder is kept as it is, and must stay inside.
 *
 * @throws `ERR_SPEC_INVALID` for what cannot be carried, `ERR_DISK_FAILED` when a file changed while it was read
 */
export async function scan(path: string, options: ScanOptions): Promise<PlannedTree> {
  const found = await readable(path, options, async () => await stat(path));
  const list = new Listing(options);
  if (found.isDirectory()) await list.walk(path, options.name);
  else if (found.isFile()) list.files.push({ title: options.name, path });
  else throw cannot(options, path, 'it is neither a file nor a folder');
  const { links, folders } = list;
  const files = await mapConcurrently(list.files, CONCURRENCY, async (file) => await measured(file, options));
  const fault = faultOfLinks({ files, links, folders });
  if (fault !== undefined) throw cannot(options, path, fault);
  return { files, links, folders };
}

/** What is in a folder, by title. */
class Listing {
  readonly files: { readonly title: string; readonly path: string }[] = [];
  readonly links: ArtifactLink[] = [];
  /** Those with nothing in them. */
  readonly folders: string[] = [];
  readonly #guard = new PathGuard();
  readonly #options: ScanOptions;
  #count = 0;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  async walk(folder: string, title: string): Promise<void> {
    this.#admit(folder, this.#guard.admitFolder(title));
    const names = await this.#namesIn(folder);
    if (names.length === 0) this.folders.push(title);
    for (const name of names) await this.#take(join(folder, name), `${title}/${name}`);
  }

  async #take(path: string, title: string): Promise<void> {
    throwIfInterrupted(this.#options.signal);
    const found = await readable(path, this.#options, async () => await lstat(path));
    if (found.isDirectory()) return await this.walk(path, title);
    this.#admit(path, this.#guard.admit(title));
    if (found.isFile()) this.files.push({ title, path });
    else if (found.isSymbolicLink()) {
      const target = await readable(path, this.#options, async () => await readlink(path));
      this.links.push({ name: title, target: sep === '/' ? target : target.replaceAll('\\', '/') });
    } else throw cannot(this.#options, path, 'it is neither a file, a folder nor a link');
  }

  #admit(path: string, fault: string | undefined): void {
    if (fault !== undefined) throw cannot(this.#options, path, fault, 'Rename it, or leave it out.');
  }

  /** Sorted: a disk has no order that is the same tomorrow. Counted while they are read, whatever their number. */
  async #namesIn(folder: string): Promise<readonly string[]> {
    return await readable(folder, this.#options, async () => {
      const names: string[] = [];
      for await (const { name } of await opendir(folder)) {
        throwIfInterrupted(this.#options.signal);
        this.#count += 1;
        if (this.#count > ENTRY_LIMIT) throw tooMany(this.#options);
        names.push(name);
      }
      return names.sort(compareText);
    });
  }
}

async function measured(
  { title, path }: { readonly title: string; readonly path: string },
  options: ScanOptions,
): Promise<PlannedFile> {
  const { signal, name } = options;
  // The path of the spec may be a link; one inside a folder was none a moment ago.
  const follow = title === name;
  const { digest, size, isExecutable } = await readable(
    path,
    options,
    async () => await measureFile(path, { signal, follow }),
  );
  const origin = { type: 'file', path } as const;
  return { name: title, descriptor: { digest, size }, executable: isExecutable || undefined, origin };
}

async function readable<T>(path: string, options: ScanOptions, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    throw cannot(options, path, factOf(cause), undefined, cause);
  }
}

function tooMany(options: ScanOptions): SaddlebagError {
  return cannot(
    options,
    options.written,
    `more than ${ENTRY_LIMIT} files are in it`,
    'Pack it first, for example with tar, and name the archive.',
  );
}

function cannot(
  { written }: ScanOptions,
  path: string,
  fact: string,
  hint?: string,
  cause?: unknown,
): SaddlebagError {
  const inside = path === written ? '' : `, at ${JSON.stringify(path)}`;
  return new SaddlebagError('ERR_SPEC_INVALID', `Cannot take ${JSON.stringify(written)}${inside}: ${fact}`, {
    hint,
    cause,
  });
}
