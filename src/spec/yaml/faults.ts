import { type Document, visit, type YAMLError } from 'yaml';
import { quote } from './quote.ts';
import { nameOfKey, startOf } from './nodes.ts';

/** An error in the YAML itself, before any schema. */
export interface YamlFault {
  /** Where it starts, in code units from the start of the text. */
  readonly offset: number;
  /** Quotes no part of a value, which may be a secret. */
  readonly fact: string;
  readonly hint?: string | undefined;
}

/** Everything after the first break in a file looks broken too. */
const FAULT_LIMIT = 20;
const QUOTE_HINT = 'Put a value that begins with a special character in quotes.';

/** Returns what makes a text unreadable as YAML. */
export function syntaxFaults(document: Document): readonly YamlFault[] {
  return [...document.errors, ...document.warnings].slice(0, FAULT_LIMIT).map(faultOf);
}

/** Returns every duplicate key within a mapping; the library's own check takes quadratic time. */
export function duplicateKeys(document: Document): readonly YamlFault[] {
  const faults: YamlFault[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = nameOfKey(key);
        if (seen.has(name))
          faults.push({ offset: startOf(key), fact: `the key ${quote(name)} appears twice` });
        seen.add(name);
      }
    },
  });
  return faults;
}

/**
 * Returns every alias of an undefined anchor: usually a value that needs quotes. The library's own search for an anchor reads the whole
 * document for each.
 */
export function danglingAliases(document: Document): readonly YamlFault[] {
  const faults: YamlFault[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, alias) {
      if (!anchors.has(alias.source))
        faults.push({ offset: startOf(alias), fact: 'the alias names nothing before it', hint: QUOTE_HINT });
    },
  });
  return faults;
}

function faultOf(error: YAMLError): YamlFault {
  const needsQuotes = error.code === 'BAD_SCALAR_START' || error.code === 'TAG_RESOLVE_FAILED';
  // After the colon, the library quotes from the text, which may be secret.
  const [said = ''] = error.message.split(':');
  const fact =
    error.code === 'MULTIPLE_DOCS'
      ? 'a second YAML document begins here'
      : `the YAML is broken (${said.replace(/\.$/, '')})`;
  return { offset: error.pos[0], fact, hint: needsQuotes ? QUOTE_HINT : undefined };
}
