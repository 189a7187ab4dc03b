import { readFile } from 'node:fs/promises';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { canonicalHost } from '../settings/settings.ts';
import { type Credential, decodeBasic } from './credential.ts';

/** Docker's `config.json`, and the `auth.json` of the containers tools, which has the same shape. */
export interface AuthFile {
  readonly path: string;
  /** By host, or host and the beginning of a repository; as written. */
  readonly auths: Readonly<Record<string, unknown>>;
  /** Helper program by host. */
  readonly credHelpers: Readonly<Record<string, unknown>>;
  /** Helper program for every host. */
  readonly credsStore: string | undefined;
}

/**
 * Returns an auth file, or `undefined` when there is none.
 *
 * @throws `ERR_CREDENTIALS_INVALID` with the path of the file but none of its content
 */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const document = text.trim() === '' ? {} : parse(text, path);
  const { auths, credHelpers, credsStore } = document;
  return {
    path,
    auths: isRecord(auths) ? auths : {},
    credHelpers: isRecord(credHelpers) ? credHelpers : {},
    credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
  };
}

/**
 * Returns the file's credential for a repository; the longest matching key wins.
 *
 * @throws `ERR_CREDENTIALS_INVALID` when the entry cannot be decoded
 */
export function credentialOf(file: AuthFile, host: string, repository: string): Credential | undefined {
  const fitting = Object.entries(file.auths)
    .map(([key, entry]) => ({ entry, ...splitKey(key) }))
    .filter(({ host: named, path }) => named === canonicalHost(host) && isWithin(repository, path))
    .sort((left, right) => right.path.length - left.path.length);
  for (const { entry } of fitting) {
    const credential = decodeEntry(entry, { path: file.path, host });
    if (credential !== undefined) return credential;
  }
  return undefined;
}

/** Keys may be URLs, and Docker Hub's is one with a version: `https://index.docker.io/v1/`. */
function splitKey(key: string): { host: string; path: string } {
  const [host = '', ...rest] = key.replace(/^https?:\/\//, '').split('/');
  const path = rest.filter((part) => part !== '').join('/');
  return { host: canonicalHost(host), path: path === 'v1' || path === 'v2' ? '' : path };
}

function isWithin(repository: string, path: string): boolean {
  return path === '' || repository === path || repository.startsWith(`${path}/`);
}

function decodeEntry(
  entry: unknown,
  place: { readonly path: string; readonly host: string },
): Credential | undefined {
  if (!isRecord(entry)) return undefined;
  const { auth, username, password, identitytoken } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '')
    return { type: 'identity-token', token: identitytoken };
  if (typeof auth === 'string' && auth !== '') {
    const credential = decodeBasic(auth);
    if (credential !== undefined) return credential;
    throw invalid(place.path, `"auth" of "${place.host}" is not base64 of "username:password"`);
  }
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  return { type: 'password', username, password };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(path, `it cannot be read (${code ?? 'unknown reason'})`, cause);
  }
}

function parse(text: string, path: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser quotes what it could not read, which here is a secret, so its error is not passed on.
    throw invalid(path, 'it is not JSON');
  }
  if (isRecord(document)) return document;
  throw invalid(path, 'it is not an object');
}

function invalid(path: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot read credentials in "${path}": ${fact}`, {
    cause,
    hint: 'Fix the file, or write it again with "docker login".',
  });
}
