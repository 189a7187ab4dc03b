import { FOLDING_TABLE } from './folding-table.ts';

const ASCII = /^[\0-\x7f]*$/;
/** The dotless i is an I where a filesystem has capitals only. */
const DOTLESS = 0x131;

let table: ReadonlyMap<string, string> | undefined;

/** Returns a text in which letters that differ in case alone are the same, by Unicode 17.0 whatever the runtime knows. */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const folding = (table ??= readTable());
  return Array.from(text, (character) => folding.get(character) ?? character).join('');
}

/**
 * Returns one text for all paths that some filesystem takes for the same: HFS+ and APFS ignore how accents are composed, exFAT
 * and NTFS ignore case (Unicode 17.0, D145: canonical caseless matching).
 */
export function foldPath(path: string): string {
  if (ASCII.test(path)) return path.toLowerCase();
  return foldCase(path.normalize('NFD')).normalize('NFD');
}

/** Returns each character that is folded, with what it becomes. */
export function readTable(): ReadonlyMap<string, string> {
  const folding = new Map<string, string>([[String.fromCodePoint(DOTLESS), 'i']]);
  for (const word of FOLDING_TABLE.split(' ')) {
    const [, from = '', to = from, step, distance = ''] =
      /^([0-9a-f]+)(?:-([0-9a-f]+))?(\/2)?([+-][0-9a-f]+)$/.exec(word) ?? [];
    const [character = '', characters = ''] = word.split('=');
    if (from === '') folding.set(characterOf(character), characters.split('_').map(characterOf).join(''));
    else
      for (let code = hex(from); code <= hex(to); code += step === undefined ? 1 : 2)
        folding.set(String.fromCodePoint(code), String.fromCodePoint(code + hex(distance)));
  }
  return folding;
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

function characterOf(digits: string): string {
  return String.fromCodePoint(hex(digits));
}
