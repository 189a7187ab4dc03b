import type { NextStep } from '../outcome.ts';
import { commandLine, nameOf } from './command.ts';

/** What was made, to be carried across. */
export interface Cargo {
  /** What the bundle is opened by. */
  readonly path: string;
  /** Everything that belongs to it. */
  readonly paths: readonly string[];
  /** The key that signed it, where that is known. */
  readonly signer?: string | undefined;
  readonly isSigned?: boolean | undefined;
  /** The folder of the kit beside it, and the platforms that it runs on. */
  readonly kit?: { readonly path: string; readonly platforms: readonly string[] } | undefined;
}

/** Returns what comes after a bundle was made: it is carried, verified and installed over there. */
export function carrySteps(cargo: Cargo): readonly NextStep[] {
  const program = programThere(cargo);
  const name = nameOf(cargo.path);
  const key = isSigned(cargo) ? ['--key', 'PEM'] : [];
  return [
    {
      text: `carry ${whatOf(cargo)} across${keyOf(cargo)}; over there${onWindows(cargo)}`,
      command: commandLine(program, ['verify', name, ...key]),
      paths: cargo.paths,
    },
    { text: 'install it', command: commandLine(program, ['install', name, ...key]) },
  ];
}

/** Returns what comes after a patch was made: it repairs the bundle that is over there. */
export function patchSteps(cargo: Cargo): readonly NextStep[] {
  const name = nameOf(cargo.path);
  return [
    {
      text: `carry ${whatOf(cargo)} across; over there, where BUNDLE is damaged`,
      command: commandLine(programThere(cargo), ['repair', 'BUNDLE', name]),
      paths: cargo.paths,
    },
  ];
}

function programThere({ kit }: Cargo): string {
  return kit === undefined ? 'bundle' : 'sh bundle';
}

function onWindows({ kit }: Cargo): string {
  const hasWindows = kit?.platforms.some((platform) => platform.startsWith('windows/')) === true;
  return hasWindows ? ' (on Windows .\\bundle.cmd in place of sh bundle)' : '';
}

function isSigned({ signer, isSigned: known = false }: Cargo): boolean {
  return signer !== undefined || known;
}

/** A key that came with the bundle would prove nothing. */
function keyOf(cargo: Cargo): string {
  if (!isSigned(cargo)) return '';
  return `, and its public key PEM another way${cargo.signer === undefined ? '' : ` (${cargo.signer})`}`;
}

/** A kit needs its folder; of many volumes, the first and the last say which. */
function whatOf({ paths, kit }: Cargo): string {
  if (kit !== undefined) return `all that is in ${JSON.stringify(kit.path)}`;
  const names = paths.map(nameOf);
  const [first = '', last = ''] = [names[0], names.at(-1)];
  if (names.length > MANY) return `${first} to ${last} (${names.length} files)`;
  return names.length === 1 ? first : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** More names than this are too many to read. */
const MANY = 6;
