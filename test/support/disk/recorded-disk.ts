import { existsSync, fstatSync, lstatSync, promises, readdirSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { systemFailure } from './replaced-call.ts';

/** What goes wrong with folders: that they cannot be opened, or that they are open and cannot be synced. */
export interface FolderFault {
  readonly at: 'open' | 'sync';
  /** Code of the system, such as `EINVAL`. */
  readonly code: string;
}

/** The disk, with a memory of what a power cut would take. */
export interface RecordedDisk extends Disposable {
  /**
   * Returns what is not safe under a folder, empty when all is: content that got its name before it was synced, content that
   * was never synced, and names in folders that were not synced after them.
   */
  unsafe(folder: string): readonly string[];
}

/** Writes to a file, counted: what was begun after a sync began is not stored by it. */
interface Content {
  written: number;
  stored: number;
}

const WRITES = ['write', 'writev', 'writeFile', 'appendFile', 'truncate'] as const;
/** Modes and owners; `datasync` does not store these. */
const CHANGES = ['chmod', 'chown'] as const;

/**
 * Watches what the program does to the disk through `node:fs/promises`, until it is disposed of. Nothing is changed in what
 * happens, but for `fault`.
 */
export async function recordDisk(options: { readonly fault?: FolderFault } = {}): Promise<RecordedDisk> {
  const { fault } = options;
  const contents = new Map<string, Content>();
  const modes = new Map<string, Content>();
  /** Names that are not safe, by folder. */
  const names = new Map<string, Set<string>>();
  const early: string[] = [];
  const restore: (() => void)[] = [];

  const wrap = <T extends object>(
    owner: T,
    key: keyof T & string,
    around: (run: () => Promise<unknown>, args: readonly unknown[], self: unknown) => Promise<unknown>,
  ): void => {
    const honest: unknown = owner[key];
    if (typeof honest !== 'function') throw new TypeError(`there is no "${key}"`);
    const wrapped = function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
      return around(() => Reflect.apply(honest, this, args), args, this);
    };
    Reflect.set(owner, key, wrapped);
    restore.push(() => Reflect.set(owner, key, honest));
  };

  const contentOf = (key: string, of = contents): Content => {
    const content = of.get(key) ?? { written: 0, stored: 0 };
    of.set(key, content);
    return content;
  };
  const isDirty = (key: string): boolean =>
    [contents.get(key), modes.get(key)].some((one) => one !== undefined && one.written > one.stored);
  const named = (path: string): void => {
    const key = keyOf(dirname(path));
    names.set(key, (names.get(key) ?? new Set()).add(basename(path)));
  };
  /** The number of a file that is gone is given out again. */
  const appeared = (path: string): void => {
    for (const each of [contents, modes, names]) each.delete(keyOf(path));
    named(path);
  };
  const unsafeIn = (path: string): string[] => {
    if (lstatSync(path).isSymbolicLink()) return [];
    const key = keyOf(path);
    if (!lstatSync(path).isDirectory()) return isDirty(key) ? [`${path}: content`] : [];
    const open = [...(names.get(key) ?? [])].filter((name) => existsSync(join(path, name)));
    return [
      ...open.map((name) => `${join(path, name)}: name`),
      ...readdirSync(path).flatMap((name) => unsafeIn(join(path, name))),
    ];
  };

  wrap(promises, 'open', async (run, [path]) => {
    const place = String(path);
    if (fault?.at === 'open' && isFolder(place)) throw systemFailure(fault.code);
    const size = existsSync(place) ? statSync(place).size : undefined;
    const handle = await run();
    if (size === undefined) appeared(place);
    else if (statSync(place).size < size) contentOf(keyOf(place)).written += 1;
    return handle;
  });
  wrap(promises, 'rename', async (run, [from, to]) => {
    early.push(...unsafeIn(String(from)).map((one) => `${one}, when it became ${basename(String(to))}`));
    await run();
    named(String(to));
  });
  wrap(promises, 'link', async (run, [from, to]) => {
    early.push(...unsafeIn(String(from)).map((one) => `${one}, when it became ${basename(String(to))}`));
    await run();
    named(String(to));
  });
  for (const key of ['writeFile', 'copyFile'] as const) {
    wrap(promises, key, async (run, args) => {
      const place = String(key === 'writeFile' ? args[0] : args[1]);
      const isThere = existsSync(place);
      await run();
      if (!isThere) appeared(place);
      contentOf(keyOf(place)).written += 1;
    });
  }
  wrap(promises, 'truncate', async (run, [path]) => {
    await run();
    contentOf(keyOf(String(path))).written += 1;
  });
  wrap(promises, 'mkdir', async (run, [path]) => {
    const made: string[] = [];
    for (let each = String(path); !existsSync(each); each = dirname(each)) made.push(each);
    const result = await run();
    for (const each of made) appeared(each);
    return result;
  });

  const prototype = await handlePrototype();
  for (const [of, keys] of [
    [contents, WRITES],
    [modes, CHANGES],
  ] as const) {
    for (const key of keys) {
      wrap(prototype, key, async (run, _, self) => {
        const content = contentOf(keyOfHandle(self), of);
        const before = key === 'truncate' ? fstatSync(descriptorOf(self)).size : undefined;
        content.written += 1;
        try {
          return await run();
        } finally {
          // A file that has its size already is left as it is.
          content.written += fstatSync(descriptorOf(self)).size === before ? -1 : 1;
        }
      });
    }
  }
  for (const key of ['sync', 'datasync'] as const) {
    wrap(prototype, key, async (run, _, self) => {
      const own = keyOfHandle(self);
      const safe = [...(names.get(own) ?? [])];
      const stored = (key === 'sync' ? [contents, modes] : [contents]).map((of) => {
        const content = contentOf(own, of);
        return { content, upTo: content.written };
      });
      if (fault?.at === 'sync' && isFolderHandle(self)) throw systemFailure(fault.code);
      await run();
      for (const name of safe) names.get(own)?.delete(name);
      for (const { content, upTo } of stored) content.stored = Math.max(content.stored, upTo);
    });
  }
  syncBuiltinESMExports();

  return {
    unsafe: (folder) =>
      [...early, ...unsafeIn(folder)].map((one) => (one.startsWith(folder) ? relative(folder, one) : one)),
    [Symbol.dispose]: () => {
      for (const undo of restore.splice(0)) undo();
      syncBuiltinESMExports();
    },
  };
}

async function handlePrototype(): Promise<FileHandle> {
  await using handle = await promises.open(import.meta.filename);
  return Object.getPrototypeOf(handle);
}

function keyOf(path: string): string {
  const { dev, ino } = (existsSync(path) ? statSync : lstatSync)(path, { bigint: true });
  return `${dev}:${ino}`;
}

function keyOfHandle(handle: unknown): string {
  const { dev, ino } = fstatSync(descriptorOf(handle), { bigint: true });
  return `${dev}:${ino}`;
}

function isFolderHandle(handle: unknown): boolean {
  return fstatSync(descriptorOf(handle)).isDirectory();
}

function descriptorOf(handle: unknown): number {
  const descriptor: unknown = handle instanceof Object && 'fd' in handle ? handle.fd : undefined;
  if (typeof descriptor !== 'number') throw new TypeError('this is no handle of a file');
  return descriptor;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
