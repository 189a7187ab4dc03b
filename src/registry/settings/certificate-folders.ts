import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import type { TlsSettings } from '../../internal/http/http.ts';
import { pemFault, type PemUse } from '../../internal/http/route/pem.ts';

/**
 * Returns the folders where Docker, Podman and their kin look for the certificates of registries, first one first (Docker,
 * "Use TLS certificates with a registry"; containers-certs.d(5)).
 */
export function certificateFolders(machine: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** In Node.js terms. */
  readonly platform: string;
}): readonly string[] {
  const { env, home, platform } = machine;
  const own = join(home, '.docker', 'certs.d');
  if (platform === 'win32') return [join(env['ProgramData'] ?? 'C:\\ProgramData', 'docker', 'certs.d'), own];
  return [
    '/etc/docker/certs.d',
    own,
    join(home, '.config', 'containers', 'certs.d'),
    '/etc/containers/certs.d',
  ];
}

/**
 * Returns what the first folder that has a host holds for it: `*.crt` are authorities, `X.cert` with `X.key` is the client
 * certificate; `undefined` when no folder has it.
 *
 * @throws `ERR_REGISTRIES_INVALID` for a file that cannot be read or is not what its name says
 */
export function certificatesFor(host: string, folders: readonly string[]): TlsSettings | undefined {
  for (const folder of folders)
    for (const name of namesOf(host)) {
      const found = readFolder(join(folder, name));
      if (found !== undefined) return found;
    }
  return undefined;
}

/** A URL leaves the default port out, a reference may name it; Windows has no colons in names. */
function namesOf(host: string): readonly string[] {
  // A host of dots would lead out of the folder.
  if (/^\.+$/.test(host)) return [];
  const names = /:\d+$/.test(host) ? [host] : [host, `${host}:443`];
  return [...names, ...names.filter((name) => name.includes(':')).map((name) => name.replaceAll(':', ''))];
}

function readFolder(path: string): TlsSettings | undefined {
  const names = namesIn(path);
  if (names === undefined) return undefined;
  const authorities = names
    .filter((name) => name.endsWith('.crt'))
    .map((name) => readPem(join(path, name), 'certificate'));
  const ca = authorities.length === 0 ? undefined : authorities.join('\n');
  const client = names.find((name) => name.endsWith('.cert'));
  if (client === undefined) return { ca };
  const key = client.replace(/\.cert$/, '.key');
  if (!names.includes(key)) throw unusable(join(path, client), `its key "${key}" is not beside it`);
  return { ca, cert: readPem(join(path, client), 'certificate'), key: readPem(join(path, key), 'key') };
}

/** Returns the names in a folder in a fixed order, or `undefined` when there is no such folder. */
function namesIn(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path).toSorted();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unusable(path, messageOf(cause), cause);
  }
}

function readPem(path: string, use: PemUse): string {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
  const fault = pemFault(text, use);
  if (fault !== undefined) throw unusable(path, fault);
  return text;
}

function unusable(path: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_REGISTRIES_INVALID', `Cannot use certificate "${path}": ${fact}`, {
    hint: 'Fix the file, or write "tls" under registries.configs for this host, which takes precedence.',
    cause,
  });
}
