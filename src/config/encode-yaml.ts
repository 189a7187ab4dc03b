import { Document, isScalar, Scalar, visit } from 'yaml';

/** Keys that need no quotes. Go programs read YAML 1.1, where the excluded words are booleans or null. */
const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z]\w*$/i;

/**
 * Returns a value as YAML. All text is double-quoted, and so is every key that is not a plain word: every reader then takes a
 * password `0123`, the host `*` and the version `1.10` as text.
 */
export function encodeYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && PLAIN_KEY.test(String(key.value))) key.type = Scalar.PLAIN;
    },
  });
  return document.toString({ defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 });
}
