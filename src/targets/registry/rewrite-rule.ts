import { SaddlebagError } from '../../internal/error.ts';

/** Changes the names of images on their way to a registry. */
export interface RewriteRule {
  readonly pattern: RegExp;
  /** May hold `$1` or `$<name>` for groups of the pattern. */
  readonly replacement: string;
}

/**
 * Returns the rule that `REGEX=>REPLACEMENT` describes.
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

/** Returns a repository after all rules, each applied to what the one before it left. */
export function rewriteRepository(repository: string, rules: readonly RewriteRule[]): string {
  return rules.reduce((name, { pattern, replacement }) => name.replace(pattern, replacement), repository);
}

function invalid(text: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use rewrite ${JSON.stringify(text)}: ${fact}`, {
    hint: `Write for example --rewrite '^quay\\.io/jetstack/=>jetstack/'.`,
    cause,
  });
}
