import { quote } from '../yaml/quote.ts';
import type { Note } from './note.ts';

/** With more patterns than this, overlaps are not looked for. */
const PATTERN_LIMIT = 500;

/**
 * Reports patterns that match the same name: K3s applies whichever comes first in a Go map, whose order is random. Each pattern
 * is tested with a name it is made for, so every reported pair really overlaps on a name.
 */
export function overlapNotes(patterns: readonly string[]): readonly Omit<Note, 'path'>[] {
  if (patterns.length > PATTERN_LIMIT) return [];
  const rules = patterns.flatMap(ruleOf);
  return rules.flatMap((rule, index) => {
    for (const earlier of rules.slice(0, index)) {
      const name = [rule.sample, earlier.sample].find(
        (one) => rule.regex.test(one) && earlier.regex.test(one),
      );
      if (name !== undefined) return [overlap(rule.pattern, earlier.pattern, name)];
    }
    return [];
  });
}

function overlap(pattern: string, earlier: string, name: string): Omit<Note, 'path'> {
  return {
    level: 'warning',
    key: pattern,
    fact: `the pattern ${quote(earlier)} matches ${quote(name)} too, and K3s applies either one at random`,
    hint: 'Write the patterns so that at most one matches a name.',
  };
}

interface Rule {
  readonly pattern: string;
  readonly regex: RegExp;
  /** A name that the pattern is probably made for. */
  readonly sample: string;
}

function ruleOf(pattern: string): readonly Rule[] {
  const regex = compile(pattern);
  return regex === undefined ? [] : [{ pattern, regex, sample: sampleOf(pattern) }];
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern.replaceAll('(?P<', '(?<'));
  } catch {
    // The check of patterns reports it.
    return undefined;
  }
}

function sampleOf(pattern: string): string {
  return pattern
    .replaceAll(/\(\?P?<\w+>|\(\?:/g, '(')
    .replaceAll(/\.[*+]\??/g, 'name')
    .replaceAll(/\[\^[^\]]*\][*+]?/g, 'name')
    .replaceAll(/\[(.)[^\]]*\][*+]?/g, '$1')
    .replaceAll(/[\^$()?]/g, '')
    .replaceAll('\\', '');
}
