import type { SpecPart } from './part.ts';
import { type Spec, specSchema } from './schema.ts';
import { cannotRead, type Decoded, decodeYaml, type YamlSource } from './yaml/decode.ts';

/** A spec file, decoded; what is under the keys of its parts is as it was decoded by them. */
export type DecodedSpec = Decoded<Spec & Readonly<Record<string, unknown>>>;

/**
 * Returns a spec file's text decoded, defaults filled in, with the place of each part of it. Nothing beside the text is
 * looked at: image lists and registries files are read by `readSpec`.
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
