import { maskOf } from './mask.ts';

/** A small change to a source text that a test should notice. */
export interface Mutant {
  readonly line: number;
  /** Description for people. */
  readonly what: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Operators that replace each other. oxfmt puts spaces around them in code, but never in types. */
const SIGNS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
};

/** Returns every mutant of a source text, in order. */
export function mutantsOf(source: string): readonly Mutant[] {
  const masked = maskOf(source);
  const mutants = [...signs(masked), ...conditions(masked), ...truths(masked), ...statements(masked)];
  return mutants
    .map(({ start, end, replacement }) => ({
      start,
      end,
      replacement,
      line: source.slice(0, start).split('\n').length,
      what: `${shown(source.slice(start, end))} -> ${replacement === '' ? 'nothing' : replacement}`,
    }))
    .sort((left, right) => left.start - right.start);
}

type Change = Pick<Mutant, 'start' | 'end' | 'replacement'>;

function* signs(masked: string): Generator<Change, void, void> {
  for (const { index, 1: sign = '' } of masked.matchAll(/ (===|!==|<=|>=|<|>|&&|\|\||\+|-) /g)) {
    yield { start: index + 1, end: index + 1 + sign.length, replacement: SIGNS[sign] ?? sign };
  }
}

function* conditions(masked: string): Generator<Change, void, void> {
  for (const { index, 0: head } of masked.matchAll(/\bif \(/g)) {
    const start = index + head.length;
    const end = closing(masked, start);
    for (const replacement of ['true', 'false']) yield { start, end, replacement };
  }
}

/** Skips types, where a literal follows a colon on a line with `readonly` or `?:`. */
function* truths(masked: string): Generator<Change, void, void> {
  for (const { index, 1: lead = '', 2: truth = '' } of masked.matchAll(
    /((?:[=(,:]|=>|\?\?|return) )(true|false)\b/g,
  )) {
    const line = masked.slice(masked.lastIndexOf('\n', index) + 1, masked.indexOf('\n', index));
    if (lead === ': ' && /\breadonly\b|\?:/.test(line)) continue;
    const start = index + lead.length;
    yield { start, end: start + truth.length, replacement: truth === 'true' ? 'false' : 'true' };
  }
}

/** A call or a `throw` on a line of its own. */
function* statements(masked: string): Generator<Change, void, void> {
  for (const { index, 1: indent = '', 2: statement = '' } of masked.matchAll(
    /^( +)((?:await |void |throw )?[\w#][\w.#?[\]]*[(<.].*\);)$/gm,
  )) {
    if (/^(?:return|yield|const|let|if|for|while|import|export|super|case)\b/.test(statement)) continue;
    if (closing(`${statement})`, 0) !== statement.length || / = /.test(statement)) continue;
    const start = index + indent.length;
    yield { start, end: start + statement.length, replacement: '' };
  }
}

/** Returns the position of the bracket that closes the one opened before `start`. */
function closing(masked: string, start: number): number {
  let depth = 1;
  for (let at = start; at < masked.length; at++) {
    if (masked[at] === '(') depth += 1;
    else if (masked[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return masked.length;
}

function shown(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length > 70 ? `${flat.slice(0, 70)}…` : flat;
}
