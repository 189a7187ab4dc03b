import { Document, isScalar, Scalar, visit } from 'yaml';

/** Keys of configuration schemas; YAML 1.1, which Go programs read, takes the shorter of the other words for booleans. */
const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z]\w*$/i;

/**
 * Returns a value as YAML. All text is in double quotes, and so is every key that is no plain word: a password `0123`, the
 * host `*` and the version `1.10` stay what they are in every reader.
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
