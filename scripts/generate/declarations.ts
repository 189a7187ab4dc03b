/** A declaration at the top of a file. */
export interface Declaration {
  readonly name: string;
  readonly isExported: boolean;
  readonly isType: boolean;
  /** The names of types that it shows to whoever uses it. */
  readonly words: readonly string[];
}

const START =
  /^(export )?(?:declare )?(?:(interface|type)|(?:async )?function\*?|(?:abstract )?class|const) (\w+)/gm;

/** Returns the declarations of a source text that is formatted as ours are, by name. */
export function declarationsIn(text: string): ReadonlyMap<string, Declaration> {
  const code = withoutComments(text);
  return new Map(
    [...code.matchAll(START)].map(({ index, 0: head, 1: exported, 2: type, 3: name = '' }) => {
      const whole = code.slice(index, endOf(code, index));
      const shown = head.includes('function')
        ? signatureOf(whole)
        : head.includes('const')
          ? ''
          : membersOf(whole);
      const words = [...new Set([...shown.matchAll(/\b[A-Z]\w+/g)].map(([word]) => word))];
      return [name, { name, isExported: exported !== undefined, isType: type !== undefined, words }];
    }),
  );
}

/** What is marked as internal goes with its comment. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*\*(?:(?!\*\/)[\s\S])*@internal \*\/\s*readonly \w+\??:(?:[^;{]|\{[^{}]*\})*;/g, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/'[^'\n]*'/g, "''");
}

/** Within a declaration, all that follows an empty line is indented. */
function endOf(code: string, start: number): number {
  const length = code.slice(start).search(/\n\n+(?=\S)/);
  return length === -1 ? code.length : start + length;
}

/** Returns a function without its body. */
function signatureOf(whole: string): string {
  return whole.slice(0, whole.search(/ \{\n(?! {2,}readonly)(?=[\s\S]*\n\}$)/) + 1 || undefined);
}

/** Of a class, what is not private to it, and no bodies. */
function membersOf(whole: string): string {
  if (!/^(?:export )?(?:abstract )?class /.test(whole)) return whole;
  return whole
    .split('\n')
    .filter((line) => /^(?:export )?class |^ {2}(?!#|\})\S/.test(line))
    .join('\n');
}
