import type { CliContext } from '../context.ts';

/** Returns a command line as a user can type it, `bundle verify lab.tar`; what is left out is skipped. */
export function commandLine(program: string, words: readonly (string | undefined)[]): string {
  return [program, ...words.flatMap((word) => (word === undefined ? [] : quoted(word)))].join(' ');
}

/** Returns how this program is called here: by its name, or by the launcher of the kit that it was started from. */
export function programHere({ env, surroundings }: Pick<CliContext, 'env' | 'surroundings'>): string {
  const kit = env['SADDLEBAG_KIT'];
  if (kit === undefined || kit === '') return 'bundle';
  if (surroundings.host.platform === 'win32') return quoted(`${kit.replace(/[/\\]$/, '')}\\bundle.cmd`);
  return `sh ${quoted(`${kit.replace(/\/$/, '')}/bundle`)}`;
}

/** Returns an option as words of a command line; none when it was not given. A list is given one by one. */
export function optionWords(name: string, value: string | readonly string[] | undefined): readonly string[] {
  const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return values.flatMap((one) => [name, one]);
}

/** Returns the last part of a path, which is its name wherever it is carried to. */
export function nameOf(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
}

/** Double quotes are understood by every shell, as long as nothing in them has a meaning of its own. */
function quoted(word: string): string {
  if (/^[\p{L}\p{N}@%+=:,./\\_-]+$/u.test(word)) return word;
  return /["$`!\\]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word}"`;
}
