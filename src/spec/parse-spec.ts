import { cannotRead, type Decoded, decodeYaml, type YamlSource } from './yaml/decode.ts';
import { type Spec, specSchema } from './schema.ts';

/** The parts of a spec that put something into a bundle. */
const PARTS = [
  'images',
  'imageLists',
  'rancher',
  'charts',
  'rancherDesktop',
  'k3s',
  'kubectl',
  'files',
] as const;

/**
 * Returns a spec file's text decoded, defaults filled in, with the place of each part of it. Nothing beside the text is
 * looked at: image lists and registries files are read by `readSpec`.
 *
 * @throws `ProblemsError` of `ERR_SPEC_INVALID` with every problem, each with `file:line:column`
 */
export function parseSpec(text: string, path: string): Decoded<Spec> {
  const source: YamlSource = { file: path, what: 'spec', code: 'ERR_SPEC_INVALID' };
  const decoded = decodeYaml(specSchema, text, source);
  if (isEmpty(decoded.value)) {
    const problem = {
      place: decoded.placeOf([]),
      subject: 'spec',
      fact: 'it asks for nothing to be bundled',
      hint: `Add one or more of: ${PARTS.join(', ')}.`,
    };
    throw cannotRead(source, [problem]);
  }
  return decoded;
}

function isEmpty(spec: Spec): boolean {
  return PARTS.every((part) => {
    const value = spec[part];
    return value === undefined || (Array.isArray(value) && value.length === 0);
  });
}
