import type { SourceText } from './bag-spreads.ts';

/** A function of a file, with the comment above it. */
interface Declared {
  readonly name: string;
  readonly isExported: boolean;
  readonly comment: string;
  /** The lines that run when the function is called, without those of functions inside it. */
  readonly body: string;
}

const FUNCTION =
  /(\/\*\*(?:(?!\*\/)[\s\S])*?\*\/\n)?(export )?(?:async )?function\*? (\w+)[\s\S]*?\{\n([\s\S]*?)\n\}\n/g;
const ERROR = /new \w*Error\(\s*\{?\s*(?:code: )?'(ERR_[A-Z_]+)'/g;
/** The first line of a function inside another: an arrow or a method with a body. */
const INNER =
  /=>(?: \(?[{[]?| \w+\()?$|^\s+(?:readonly )?(?:async )?(?:function)?\*? ?(?!if|for|while|switch|catch|return)\w+\([^)]*\).*\{$/;

/**
 * Returns `FILE NAME CODE` for every code that an exported function throws, itself or by a function of the same file, and that
 * its comment does not name. What a caught error becomes cannot be told from the text, nor what a returned function throws:
 * functions that catch, and the insides of others, are left out.
 */
export function untoldCodes({ file, text }: SourceText): readonly string[] {
  const all = new Map(
    [...text.matchAll(FUNCTION)].map((match) => declared(match)).map((one) => [one.name, one]),
  );
  return [...all.values()]
    .filter(
      ({ isExported, comment, body }) =>
        isExported && !/\bcatch\b/.test(body) && !/throws (?:as|what)|@throws \{@link/i.test(comment),
    )
    .flatMap(({ name, comment }) =>
      [...codesOf(name, all)]
        .filter((code) => code !== 'ERR_INTERNAL_BUG' && !comment.includes(code))
        .map((code) => `${file} ${name} ${code}`),
    );
}

function declared([, comment = '', exported, name = '', body = '']: readonly (
  | string
  | undefined
)[]): Declared {
  return { name, comment, isExported: exported !== undefined, body: ownLines(body) };
}

/** Returns the codes that a function throws itself, or by what it calls in its own file. */
function codesOf(name: string, all: ReadonlyMap<string, Declared>): ReadonlySet<string> {
  const codes = new Set<string>();
  const reached = new Set([name]);
  for (const each of reached) {
    const { body = '', isExported = false } = all.get(each) ?? {};
    // An exported function tells its own; one that catches may turn the error into something else.
    if (each !== name && (isExported || /\bcatch\b/.test(body))) continue;
    for (const statement of body.matchAll(/\bthrow [\s\S]*?;/g)) {
      for (const [, code = ''] of statement[0].matchAll(ERROR)) codes.add(code);
      const maker = /^throw (?:await )?(\w+)\(/.exec(statement[0])?.[1];
      for (const [, code = ''] of (all.get(maker ?? '')?.body ?? '').matchAll(ERROR)) codes.add(code);
    }
    for (const [, called = ''] of body.matchAll(/(?<!\.)\b(\w+)\(/g))
      if (all.has(called)) reached.add(called);
  }
  return codes;
}

/** Returns the lines of a body without comments and without the insides of functions, which run later or never. */
function ownLines(body: string): string {
  const lines: string[] = [];
  let inner: string | undefined;
  for (const line of body.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').split('\n')) {
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    if (inner !== undefined && indent.length > inner.length) continue;
    inner = INNER.test(line) ? indent : undefined;
    lines.push(line.replace(/=>.*$/, ''));
  }
  return lines.join('\n');
}
