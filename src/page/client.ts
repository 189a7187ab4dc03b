import type { Overview, OverviewItem } from './overview.ts';
import type { Address } from './address.ts';

/** What a client of this server has to be told. */
export interface Client {
  /** A fragment of the page's address. */
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly text: string;
  /** To be typed into a shell, or the content of a file. */
  readonly command?: string | undefined;
}

/** What the commands are made of. */
export interface Scene {
  readonly overview: Overview;
  readonly address: Address;
  /** Whether this server lets in only those who have a password. */
  readonly hasPassword: boolean;
}

/** Returns the items of one kind that can be named in a command. */
export function nameable(overview: Overview, kind: OverviewItem['kind']): readonly OverviewItem[] {
  return overview.items.filter((item) => item.kind === kind && isPlainWord(item.name));
}

/**
 * Returns whether a text means itself in every shell and file: letters, digits and `_.+:/@-`. Names are the bundle's, and one that
 * says more than that is not put where people paste it from.
 */
export function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.+:/@-]*$/.test(text);
}

/** Returns whether a path of this server means itself in a shell: encoding a path leaves quotes and brackets as they are. */
export function isPlainPath(path: string | undefined): path is string {
  return path !== undefined && /^\/[A-Za-z0-9_.+:/@%~-]+$/.test(path);
}

/** Returns a command that writes a file as root. */
export function writeAsRoot(path: string, lines: readonly string[]): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return [`sudo mkdir -p ${folder}`, `sudo tee ${path} >/dev/null <<'EOF'`, ...lines, 'EOF'].join('\n');
}
