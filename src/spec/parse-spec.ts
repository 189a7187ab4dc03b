import type { SpecPart } from './part.ts';
import { type Spec, specSchema } from './schema.ts';
import { cannotRead, type Decoded, decodeYaml, type YamlSource } from './yaml/decode.ts';

/** A decoded spec file; each part has decoded what is under its own keys. */
export type DecodedSpec = Decoded<Spec & Readonly<Record<string, unknown>>>;

/**
 * Decodes a spec file, with defaults filled in and the place of each part. It looks at the text alone: `readSpec` reads image
 * lists and registries files.
 *
 * @throws `ProblemsError` of `ERR_SPEC_INVALID` with every problem, each with `file:line:column`
 */
export function parseSpec(text: string, path: string, parts: readonly Omit<SpecPart, 'load'>[]): DecodedSpec {
  const source: YamlSource = { file: path, what: 'spec', code: 'ERR_SPEC_INVALID' };
  const decoded = decodeYaml(specSchema(parts), text, source);
  const content = parts.flatMap((part) => part.content);
  if (content.every((key) => isEmpty(decoded.value[key]))) {
    const problem = {
      place: decoded.placeOf([]),
      subject: 'spec',
      fact: 'it asks for nothing to be bundled',
      hint: `Add one or more of: ${content.join(', ')}.`,
    };
    throw cannotRead(source, [problem]);
  }
  return decoded;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
