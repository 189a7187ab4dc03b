import type { Overview, OverviewItem } from './overview.ts';
import type { Address } from './address.ts';
import { servedName } from '../oci/served-name.ts';

/** How to set up one client of this server. */
export interface Client {
  /** Fragment of the page's URL. */
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly text: string;
  /** Commands to type into a shell, or the content of a file. */
  readonly command?: string | undefined;
}

/** The values that commands are built from. */
export interface Scene {
  readonly overview: Overview;
  readonly address: Address;
  /** Whether this server requires a password. */
  readonly hasPassword: boolean;
}

/** Returns the items of one kind that are safe to name in a command. */
export function nameable(overview: Overview, kind: OverviewItem['kind']): readonly OverviewItem[] {
  return overview.items.filter((item) => item.kind === kind && isPlainWord(item.name));
}

/**
 * Returns whether text is literal in every shell and file: letters, digits and `_.+:/@-`. Names come from the bundle, and an
 * unsafe one must not end up where people paste from.
 */
export function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.+:/@-]*$/.test(text);
}

/** Returns the name of an image at this server, as a client types it below the address; `undefined` when it has none that is safe. */
export function nameHere(name: string): string | undefined {
  const served = isPlainWord(name) ? servedName(name) : undefined;
  return served && `${served.repository}${served.end}`;
}

/** Returns whether a path of this server is literal in a shell: URL encoding leaves quotes and brackets as they are. */
export function isPlainPath(path: string | undefined): path is string {
  return path !== undefined && /^\/[A-Za-z0-9_.+:/@%~-]+$/.test(path);
}

/** Returns the names of the served bundles. A layout has only images, and a name that would need quotes is left to the user. */
export function bundleFiles({ holdings }: Overview): readonly string[] {
  const files = holdings.filter(({ type }) => type === 'bundle').map(({ file }) => file);
  return files.length === 0 ? ['BUNDLE'] : files.map((file) => (isPlainWord(file) ? file : 'BUNDLE'));
}

/** Returns curl, with the user where this server asks for a password. */
export function curlOf({ hasPassword }: Scene): string {
  return hasPassword ? 'curl -fsSL -u USER' : 'curl -fsSL';
}

/** Returns a command that writes a file as root. */
export function writeAsRoot(path: string, lines: readonly string[]): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return [`sudo mkdir -p ${folder}`, `sudo tee ${path} >/dev/null <<'EOF'`, ...lines, 'EOF'].join('\n');
}
