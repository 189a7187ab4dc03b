/** The file of a catalog that lists files to ignore. */
export const IGNORE_FILE = '.indexignore';

/** An ignore file: its folder (empty for the top), and its text. */
export interface IgnoreFile {
  readonly folder: string;
  readonly text: string;
}

interface Rule {
  readonly folder: readonly string[];
  /** Globs of a path's parts; `**` stands for any number of them. */
  readonly globs: readonly string[];
  readonly isForFolders: boolean;
  readonly isNegated: boolean;
}

/**
 * Returns a function that tells whether a path of a catalog is ignored, by the rules of Git (gitignore(5)): the last rule that
 * matches a path or a folder above it decides.
 */
export function ignoring(files: readonly IgnoreFile[]): (path: string) => boolean {
  const rules = files
    .toSorted((left, right) => left.folder.length - right.folder.length)
    .flatMap(({ folder, text }) => text.split(/\r?\n/).flatMap((line) => ruleOf(folder, line)));
  return (path) => {
    const parts = path.split('/');
    if (parts.at(-1) === IGNORE_FILE) return true;
    const matched = rules.map((rule) => matchedBy(rule, parts));
    // A file in an ignored folder stays ignored.
    return parts.some((_, index) => {
      const isFolder = index < parts.length - 1;
      const last = rules.findLastIndex(
        ({ isForFolders }, rule) => (isFolder || !isForFolders) && matched[rule]?.[index] === true,
      );
      return rules[last]?.isNegated === false;
    });
  };
}

function ruleOf(folder: string, line: string): readonly Rule[] {
  const text = line.replace(/(?<!\\) +$/, '');
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  const written = isNegated ? text.slice(1) : text;
  const parts = written.split('/').filter((part) => part !== '');
  // A slash before the end ties the pattern to its folder.
  const isTied = /\/./.test(written);
  return [
    {
      folder: folder === '' ? [] : folder.split('/'),
      globs: isTied ? parts : ['**', ...parts],
      isForFolders: written.endsWith('/'),
      isNegated,
    },
  ];
}

/** Returns, for each part of a path, whether the rule matches the path up to it. */
function matchedBy({ folder, globs }: Rule, path: readonly string[]): readonly boolean[] {
  if (!folder.every((part, index) => path[index] === part)) return [];
  const parts = path.slice(folder.length);
  // For each number of parts, whether the globs so far match exactly these.
  let reached = [true, ...parts.map(() => false)];
  for (const glob of globs) {
    const before = reached;
    const first = before.indexOf(true);
    if (first === -1) return [];
    reached =
      glob === '**'
        ? before.map((_, index) => index >= first)
        : before.map((_, index) => before[index - 1] === true && matchesPart(glob, parts[index - 1] ?? ''));
  }
  return [...folder.map(() => false), ...reached.slice(1)];
}

/** `*` matches any characters, `?` one; everything else matches itself. Takes glob length × name length steps at most. */
function matchesPart(glob: string, name: string): boolean {
  let [at, from] = [0, 0];
  let star: { readonly at: number; from: number } | undefined;
  while (from < name.length) {
    if (glob[at] === '*') {
      star = { at, from };
      at += 1;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[from])) {
      at += 1;
      from += 1;
    } else if (star !== undefined) {
      star.from += 1;
      at = star.at + 1;
      from = star.from;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}
