import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ceilings } from './ceilings.ts';
import { readTable } from '../../src/internal/unicode/folding.ts';
import { UNSEEN } from '../../src/internal/unicode/unseen.ts';
import type { Generated } from './generated.ts';

const PAGES = join(import.meta.dirname, '../../bundle-spec');

/** Returns what of the specification is taken from the program: numbers and lists that must not be written down twice. */
export function specificationParts(): readonly Generated[] {
  return [
    { path: 'bundle-spec/case-folding.txt', text: foldingText() },
    pageWith('security.md', { 'unseen characters': unseenText(), ceilings: ceilings() }),
  ];
}

/** Returns a page with new text between the marks of some parts. */
function pageWith(name: string, parts: Readonly<Record<string, string>>): Generated {
  const page = readFileSync(join(PAGES, name), 'utf8');
  const text = Object.entries(parts).reduce((before, [part, content]) => {
    const mark = `<!-- ${part}: "npm run generate" writes what follows -->\n`;
    const start = before.indexOf(mark) + mark.length;
    const end = before.indexOf('<!-- end -->', start);
    if (start < mark.length || end === -1) throw new Error(`bundle-spec/${name} has no place for "${part}"`);
    return `${before.slice(0, start)}\n${content}\n\n${before.slice(end)}`;
  }, page);
  return { path: `bundle-spec/${name}`, text };
}

function foldingText(): string {
  const lines = [...readTable()].map(
    ([character, folded]) => `${codesOf(character)} ${Array.from(folded, codesOf).join(' ')}\n`,
  );
  return lines.sort((left, right) => codeIn(left) - codeIn(right)).join('');
}

function codeIn(line: string): number {
  return Number.parseInt(line, 16);
}

function codesOf(character: string): string {
  return formatCode(character.codePointAt(0) ?? 0);
}

function unseenText(): string {
  return `${UNSEEN.map(([from, to]) => (from === to ? formatCode(from) : `${formatCode(from)}–${formatCode(to)}`)).join(', ')}.`;
}

function formatCode(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
