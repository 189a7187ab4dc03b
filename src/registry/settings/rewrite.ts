import { SaddlebagError } from '../../internal/error.ts';

/** Returns a repository's name at a mirror. */
export type Rewrite = (repository: string) => string;

/**
 * Returns the rewrite in a mirror's `rewrite` entries: the first pattern that matches applies. Patterns and replacements use
 * Go's syntax (`(?P<name>…)`, `$1`, `${name}`), because containerd reads the same file.
 *
 * @throws `ERR_REGISTRIES_INVALID` for an invalid pattern
 */
export function compileRewrite(rules: Readonly<Record<string, string>> | undefined): Rewrite {
  const compiled = Object.entries(rules ?? {}).map(([pattern, replacement]) => ({
    pattern: compile(pattern),
    replacement,
  }));
  return (repository) => {
    const rule = compiled.find(({ pattern }) => repository.search(pattern) !== -1);
    if (rule === undefined) return repository;
    return repository.replace(rule.pattern, (...match: unknown[]) => expand(rule.replacement, match));
  };
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern.replaceAll('(?P<', '(?<'), 'g');
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_REGISTRIES_INVALID',
      `Cannot read rewrite ${JSON.stringify(pattern)}: it is not a regular expression`,
      { cause },
    );
  }
}

/** Go's `Regexp.Expand`: `$name` takes all letters, digits and underscores that follow; an unknown group is empty. */
function expand(replacement: string, match: readonly unknown[]): string {
  const last = match.at(-1);
  const named = typeof last === 'object' && last !== null ? new Map(Object.entries(last)) : new Map();
  const hasNames = typeof last === 'object';
  const groups = match.slice(0, hasNames ? -3 : -2);
  return replacement.replaceAll(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    const name = braced ?? bare ?? '';
    const value: unknown = /^\d+$/.test(name) ? groups[Number(name)] : named.get(name);
    return typeof value === 'string' ? value : '';
  });
}
