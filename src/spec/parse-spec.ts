import type { SpecPart } from './part.ts';
import { type Spec, specSchema } from './schema.ts';
import { cannotRead, type Decoded, decodeYamlText, type YamlSource } from './yaml/decode.ts';
import { parseYamlText, type YamlText } from './yaml/text.ts';

/** A decoded spec file; each part has decoded what is under its own keys. */
export type DecodedSpec = Decoded<Spec & Readonly<Record<string, unknown>>>;

type Parts = readonly Omit<SpecPart, 'load'>[];

/**
 * Decodes a spec file, with defaults filled in and the place of each part. It looks at the text alone: `readSpec` reads
 * included files, image lists and registries files.
 *
 * @throws `ProblemsError` of `ERR_SPEC_INVALID` with every problem, each with `file:line:column`
 * @visibleForTesting
 */
export function parseSpec(text: string, path: string, parts: Parts): DecodedSpec {
  const decoded = decodeSpec(parseYamlText(text, path), path, parts);
  requireContent(decoded, path, parts);
  return decoded;
}

/** Decodes the text of a spec, or of several that are joined. Throws as {@link parseSpec}. */
export function decodeSpec(yaml: YamlText, path: string, parts: Parts): DecodedSpec {
  return decodeYamlText(specSchema(parts), yaml, sourceOf(path));
}

/** Makes sure that a spec asks for something. @throws `ERR_SPEC_INVALID` */
export function requireContent(decoded: DecodedSpec, path: string, parts: Parts): void {
  const content = parts.flatMap((part) => part.content);
  if (![...content, 'include'].every((key) => isEmpty(decoded.value[key]))) return;
  const problem = {
    place: decoded.placeOf([]),
    subject: 'spec',
    fact: 'it asks for nothing to be bundled',
    hint: `Add one or more of: ${content.join(', ')}.`,
  };
  throw cannotRead(sourceOf(path), [problem]);
}

function sourceOf(file: string): YamlSource {
  return { file, what: 'spec', code: 'ERR_SPEC_INVALID' };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
