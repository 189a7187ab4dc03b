import { parseDocument } from 'yaml';
import { yamlValue } from '../../../internal/yaml/value.ts';
import type { Fail } from './fail.ts';

/** Catalogs do not need aliases; a YAML bomb needs many. */
const ALIAS_LIMIT = 100;

/**
 * Parses one YAML document into the types of JSON. The caller limits its size.
 *
 * @throws what `fail` returns, also for duplicate keys
 */
export function parseForeignYaml(bytes: Uint8Array, fail: Fail): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const document = parseDocument(text, { schema: 'core', prettyErrors: false, uniqueKeys: true });
    const [error] = document.errors;
    if (error === undefined) return yamlValue(document, { repeats: ALIAS_LIMIT });
    throw error;
  } catch (cause) {
    // Its message may quote the text.
    throw fail('it is not YAML', cause);
  }
}
