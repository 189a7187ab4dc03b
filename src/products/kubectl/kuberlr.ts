import { parse, type SemVer } from 'semver';
import { servesMinor } from './client.ts';

/** A file that kuberlr recognises as a client, and the version it reads from the name. */
export interface LocalClient {
  readonly name: string;
  readonly version: SemVer;
}

/** Returns the folder below `~/.kuberlr` with the clients for a platform: `linux-amd64` for `linux/amd64`. */
export function clientFolder(platform: string): string {
  return platform.replace('/', '-');
}

/** Returns the file name kuberlr looks for: no `v`, no build (`naming.go`). */
export function clientName(version: string, os: string): string {
  return `kubectl${version}${os === 'windows' ? '.exe' : ''}`;
}

/**
 * Returns the version kuberlr reads from a file name in its folder, or `undefined` when it skips the file. It parses names with
 * Go's `Sscanf`, which ignores trailing text: `kubectl1.30.6.sha512` is a kubectl 1.30.6 to it.
 */
export function parseClientName(name: string, os: string): LocalClient | undefined {
  const form =
    os === 'windows' ? /^kubectl(\d+)\.(\d+)(?:\.(\d+))?\.exe/ : /^kubectl(\d+)\.(\d+)(?:\.(\d+))?/;
  const [, major, minor, patch = '0'] = form.exec(name) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const version = parse(`${Number(major)}.${Number(minor)}.${Number(patch)}`);
  return version === null ? undefined : { name, version };
}

/**
 * Returns the client that kuberlr runs against a server (`versioner.go`): the newest one within one minor of the server. When
 * several files have the same version, kuberlr may run any of them; the first by name is returned.
 */
export function chosenClient(
  names: readonly string[],
  server: { readonly major: number; readonly minor: number },
  os: string,
): LocalClient | undefined {
  return names
    .map((name) => parseClientName(name, os))
    .filter((client) => client !== undefined)
    .filter(({ version }) => version.major === server.major && servesMinor(version.minor, server.minor))
    .sort((left, right) => right.version.compare(left.version))
    .at(0);
}
