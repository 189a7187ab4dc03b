import type { SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { kindOf } from '../format/item.ts';
import { blobAt } from '../format/layout.ts';
import { withOwners } from '../plan/owned.ts';
import type { BlobOwners } from '../plan/owned.ts';

/** One thing that is wrong with a bundle. */
export interface Problem {
  readonly code: ErrorCode;
  /** The file of the bundle it is about; the bundle's own path when it is about the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The first items that need the blob it is about, as far as they are known. */
  readonly items?: readonly { readonly kind: string; readonly name: string }[] | undefined;
}

/** How many problems there are, reported or not, and what they are about. */
export interface Tally {
  readonly count: number;
  readonly paths: ReadonlySet<string>;
}

/** At most this many problems are reported in full: a million files can be damaged, and no one reads that many. */
const KEPT = 1000;

/** Collects problems, each once: consequences of known damage are not reported again. */
export class CheckReport {
  readonly #kept = new Map<string, Problem>();
  /** Number of problems with each path, including the kept ones. */
  readonly #counts = new Map<string, number>();

  add(path: string, error: SaddlebagError): void {
    if (error instanceof ProblemsError) {
      for (const part of error.problems) this.add(path, part);
      return;
    }
    const { code, message, hint } = error;
    const key = `${path}\n${code}\n${message}`;
    if (this.#kept.has(key)) return;
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1);
    if (this.#kept.size < KEPT) this.#kept.set(key, { code, path, message, hint });
  }

  /** Returns whether no problem was found with a file so far. */
  isSound(path: string): boolean {
    return !this.#counts.has(path);
  }

  /** Returns how many problems there are with the paths that are `chosen`. */
  tally(chosen: (path: string) => boolean = () => true): Tally {
    const counts = [...this.#counts].filter(([path]) => chosen(path));
    return {
      count: counts.reduce((sum, [, count]) => sum + count, 0),
      paths: new Set(counts.map(([path]) => path)),
    };
  }

  /**
   * Returns the problems of a tally, each with the items it is about; where they are too many, the first, and one about `whole` that
   * says so.
   */
  problems({ count, paths }: Tally, whole: string, owners: BlobOwners): readonly Problem[] {
    const told = [...this.#kept.values()]
      .filter(({ path }) => paths.has(path))
      .map((problem) => withItems(problem, owners));
    const more = count - told.length;
    if (more === 0) return told;
    const message = `Cannot list all problems: ${more} more ${more === 1 ? 'was' : 'were'} found`;
    return [...told, { code: 'ERR_BUNDLE_DAMAGED', path: whole, message }];
  }
}

function withItems(problem: Problem, owners: BlobOwners): Problem {
  const digest = blobAt(problem.path);
  const found = digest === undefined ? undefined : owners.of(digest);
  if (found === undefined || found.count === 0) return problem;
  const items = found.named.map((item) => ({ kind: kindOf(item), name: item.name }));
  return { ...problem, message: withOwners(problem.message, found), items };
}
