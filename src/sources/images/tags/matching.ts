import { runInNewContext } from 'node:vm';
import { SaddlebagError } from '../../../internal/error.ts';
import { isRecord } from '../../../internal/json.ts';
import { patternOf } from '../../../spec/fields.ts';

/** Milliseconds for all tags of a repository; an honest expression needs a few. */
const TIME_LIMIT = 5000;

/**
 * Returns the tags that a regular expression matches. Some expressions take years over a text of 128 characters, and the
 * registry chooses the texts: a realm of its own can be stopped.
 *
 * @throws `ERR_SPEC_INVALID` when that takes too long
 */
export function matching(tags: readonly string[], written: string): ReadonlySet<string> {
  const pattern = patternOf(written)?.source ?? '';
  try {
    const flags: unknown = runInNewContext(
      'const wanted = new RegExp(pattern); JSON.parse(tags).map((tag) => (wanted.test(tag) ? "1" : "0")).join("")',
      { pattern, tags: JSON.stringify(tags) },
      { timeout: TIME_LIMIT },
    );
    return new Set(tags.filter((_, index) => String(flags).charAt(index) === '1'));
  } catch (error) {
    if (!isRecord(error) || error['code'] !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot choose tags by ${JSON.stringify(written)}: the expression takes too long over the tags that there are`,
      { hint: 'Write it without repetitions inside repetitions, such as "(a+)+".' },
    );
  }
}
