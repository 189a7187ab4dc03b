import { SaddlebagError } from '../../internal/error.ts';

/** Renames images on their way to a registry. */
export interface RewriteRule {
  readonly pattern: RegExp;
  /** May hold `$1` or `$<name>` for groups of the pattern. */
  readonly replacement: string;
}

/**
 * Parses the rule `REGEX=>REPLACEMENT`.
 *
 * @throws `ERR_USAGE_INVALID`
 */
export function parseRewriteRule(text: string): RewriteRule {
  const arrow = text.indexOf('=>');
  if (arrow < 1) throw invalid(text, 'it is not REGEX=>REPLACEMENT');
  try {
    return { pattern: new RegExp(text.slice(0, arrow), 'u'), replacement: text.slice(arrow + 2) };
  } catch (cause) {
    throw invalid(text, 'what stands before "=>" is not a regular expression', cause);
  }
}

/** Applies all rules to a repository, each to the result of the one before it. */
export function rewriteRepository(repository: string, rules: readonly RewriteRule[]): string {
  return rules.reduce((name, { pattern, replacement }) => name.replace(pattern, replacement), repository);
}

function invalid(text: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use rewrite ${JSON.stringify(text)}: ${fact}`, {
    hint: `Write for example --rewrite '^quay\\.io/jetstack/=>jetstack/'.`,
    cause,
  });
}
