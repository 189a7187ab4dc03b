import { messageOf, SaddlebagError } from '../../internal/error.ts';
import { excessOf } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { repeatedKeyOf } from '../../internal/repeated-key.ts';
import { decodeYaml, type YamlSource } from '../yaml/decode.ts';
import { type Lock, LOCK_VERSION, type LockSection } from './lock.ts';
import { lockSchema } from './schema.ts';
import { quote } from '../yaml/quote.ts';

/** Finding the places of mistakes takes many times the memory of the text, so a larger one (characters) gets none. */
const PLACED_LIMIT = 1024 * 1024;

/**
 * Decodes a lock. JSON parsers keep the last of two equal keys and silently drop the first; here a duplicate key is an error.
 *
 * @throws `ProblemsError` of `ERR_LOCK_INVALID` with every problem, each with `file:line:column`
 */
export function parseLock(text: string, file: string, sections: readonly LockSection[]): Lock {
  const schema = lockSchema(sections);
  const value = parseJson(text, file);
  requireVersion(value, file);
  const decoded = schema.safeParse(value);
  const repeated = repeatedKeyOf(text, { exact: true });
  if (decoded.success && repeated === undefined) return decoded.data;
  if (text.length > PLACED_LIMIT) {
    const [issue] = decoded.error?.issues ?? [];
    const where = (issue?.path ?? []).map(String).join(' ');
    const fact =
      repeated === undefined ? `${quote(where)}: ${issue?.message}` : `it has ${quote(repeated)} twice`;
    throw invalid(file, fact);
  }
  const source: YamlSource = { file, what: 'lock', code: 'ERR_LOCK_INVALID' };
  // JSON is YAML, and this decoder knows the place of everything.
  return decodeYaml(schema, text, source).value;
}

function parseJson(text: string, file: string): unknown {
  const excess = excessOf(text);
  if (excess !== undefined) throw invalid(file, excess);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(messageOf(cause)) ?? [];
    const place = line === undefined ? '' : ` (line ${line}, column ${column})`;
    throw invalid(file, `it is not JSON${place}`, {
      hint: 'Fix it, or delete it and run: bundle lock SPEC',
    });
  }
}

/** A later version may hold anything, so nothing else in it is judged. */
function requireVersion(value: unknown, file: string): void {
  const version = isRecord(value) ? value['lock'] : undefined;
  if (typeof version !== 'number' || version === LOCK_VERSION) return;
  throw invalid(file, `it is of version ${version}, and this program reads version ${LOCK_VERSION}`, {
    hint: 'Use the saddlebag that wrote it, or delete it and run: bundle lock SPEC',
  });
}

function invalid(
  file: string,
  fact: string,
  options: { readonly hint?: string | undefined } = {},
): SaddlebagError {
  return new SaddlebagError('ERR_LOCK_INVALID', `Cannot read lock ${quote(file)}: ${fact}`, options);
}
