/** A source text, and where it is. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** How a type is called that says how something is to be done. */
const BAG = /(?:Options|Context|Wish|Surroundings|Ears|Manner)$/;
/** How such a thing is called where its type is not written. */
const USUAL = ['options', 'context', 'wish', 'surroundings', 'ears', 'wait', 'work', 'manner'];
/** A name, or the pattern that takes something apart, with its type. */
const TYPED = /(\w+|\})\??: ((?:[\w<>&|'\s.,]|\{ [^{}]*\})+?)(?: =|[,;)\n])/g;

/**
 * Returns the places where a bag of options is spread into another object: `FILE:LINE ...name`. A bag is what has the type of
 * one, or of something that is made of one, or is called as they usually are. A changed copy of data is no such place.
 */
export function bagSpreads(sources: readonly SourceText[]): readonly string[] {
  const bags = bagTypes(sources);
  return sources.flatMap(({ file, text }) => {
    const names = new Set([...USUAL, ...namesOfBags(text, bags)]);
    return [...text.matchAll(/\.\.\.(\w+)\b(?![.([])/g)]
      .filter(({ 1: name = '', index }) => names.has(name) && openedBefore(text, index) === '{')
      .map(({ 0: spread, index }) => `${file}:${text.slice(0, index).split('\n').length} ${spread}`);
  });
}

/** Returns the names of the types of bags: those called so, and those made of them. */
function bagTypes(sources: readonly SourceText[]): ReadonlySet<string> {
  const types = sources.flatMap(({ text }) =>
    [
      ...text.matchAll(/\binterface (\w+)(?:<[^{]*?>)?(?: extends ([^{]+))?\s*\{/g),
      ...text.matchAll(/\btype (\w+)(?:<[^=]*?>)? =([^;{]+)/g),
    ].map(([, name = '', parts = '']) => ({ name, parts })),
  );
  const bags = new Set(types.map(({ name }) => name).filter((name) => BAG.test(name)));
  for (let before = -1; before < bags.size;) {
    before = bags.size;
    for (const { name, parts } of types) if (!parts.includes('=>') && names(parts, bags)) bags.add(name);
  }
  return bags;
}

/** Returns what a text gives the type of a bag: parameters, constants, and the rest of a bag that is taken apart. */
function namesOfBags(text: string, bags: ReadonlySet<string>): readonly string[] {
  return [...text.matchAll(TYPED)].flatMap(({ 1: name = '', 2: type = '', index }) => {
    if (!names(type, bags)) return [];
    return name === '}' ? (/\.\.\.(\w+),?\s*$/.exec(text.slice(0, index))?.slice(1) ?? []) : [name];
  });
}

function names(type: string, bags: ReadonlySet<string>): boolean {
  return [...type.matchAll(/\b[A-Z]\w+/g)].some(([word]) => bags.has(word));
}

/** Returns the bracket that a place lies directly in. In a pattern, which is no object, `...rest` takes apart. */
function openedBefore(text: string, at: number): string {
  let depth = 0;
  for (let place = at - 1; place >= 0; place -= 1) {
    const sign = text.charAt(place);
    if (')]}'.includes(sign)) depth += 1;
    if (!'([{'.includes(sign)) continue;
    if (depth === 0) return isPattern(text, at) ? '' : sign;
    depth -= 1;
  }
  return '';
}

/** A rest element ends its pattern, and a pattern is followed by its type, by what it takes apart, or by an arrow. */
function isPattern(text: string, at: number): boolean {
  return /^\.\.\.\w+,?\s*\}\s*(?::|=[^>=]|\)\s*(?:=>|:))/.test(text.slice(at, at + 200));
}
