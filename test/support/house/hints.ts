/** Where hints begin: a property, a parameter or a constant of that name, or a function that returns them. */
const START =
  /\b(?:hint|[A-Z_]*HINT)\??(?:: string(?: \| undefined)?)?(?: =|:) ?(?=['"`\w])|\bfunction (?:\w*[hH]int\w*|remedyFor)\([^)]*\): string(?: \| undefined)? \{/g;

/**
 * Returns the texts of the hints in a source: each literal among them that begins a sentence, and is whole. What is inserted into
 * one is shown as `…`.
 */
export function hintsIn(source: string): readonly string[] {
  const found = [...source.matchAll(START)].flatMap(({ 0: start, index }) =>
    literalsFrom(source, index + start.length, start.endsWith('{')),
  );
  return found.filter((text) => /^[A-Z…].* .*\S$/.test(text));
}

/** Returns the literals of an expression, or of the body of a function, up to its end. */
function literalsFrom(source: string, from: number, isBody: boolean): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    const sign = source.charAt(at);
    if (isQuote(sign)) {
      const literal = literalAt(source, at);
      found.push(literal.text);
      at = literal.end;
    } else if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    if (depth < 0 || (depth === 0 && !isBody && ',;'.includes(sign))) break;
  }
  return found;
}

function literalAt(source: string, start: number): { readonly text: string; readonly end: number } {
  const quote = source.charAt(start);
  let text = '';
  for (let at = start + 1; at < source.length; at += 1) {
    const sign = source.charAt(at);
    if (sign === quote) return { text, end: at };
    if (quote === '`' && source.startsWith('${', at)) {
      at = endOfInsertion(source, at + 2);
      text += '…';
    } else if (sign === '\\') {
      at += 1;
      text += source.charAt(at);
    } else text += sign;
  }
  return { text, end: source.length };
}

/** What is inserted may have templates of its own. */
function endOfInsertion(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    const sign = source.charAt(at);
    if (isQuote(sign)) at = literalAt(source, at).end;
    else if (sign === '{') depth += 1;
    else if (sign === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return source.length;
}

function isQuote(sign: string): boolean {
  return sign === "'" || sign === '"' || sign === '`';
}
