import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, SaddlebagError } from '../../internal/error.ts';
import type { TlsSettings } from '../../internal/http/http.ts';
import { pemFault } from '../../internal/http/route/pem.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { certificatesFor } from './certificate-folders.ts';
import { type HostSettings, type RegistrySettings, settingOf, type TlsFileSettings } from './settings.ts';

/** Where certificates come from, besides the settings. */
export interface TlsOptions {
  /** Where relative paths start; the working directory when left out. */
  readonly folder?: string | undefined;
  /** Path of a PEM file with authorities to trust at every host. */
  readonly caFile?: string | undefined;
  /** Folders with a folder for each host, as Docker has them. */
  readonly certificateFolders?: readonly string[] | undefined;
}

/**
 * Returns the `tls` lookup of an HTTP client, from origin (`https://host:port`) to PEM texts. What the settings say of a host
 * goes before what lies in Docker's folders for it. Every file in the settings is read here, once.
 *
 * @throws `ERR_REGISTRIES_INVALID` with every unreadable file and every incomplete client pair; `ERR_USAGE_INVALID` for a bad
 * `caFile`. The lookup itself throws `ERR_REGISTRIES_INVALID` for a bad file in a folder of Docker's
 */
export function tlsFor(
  settings: RegistrySettings | undefined,
  { folder = '', caFile, certificateFolders = [] }: TlsOptions = {},
): (origin: string) => TlsSettings | undefined {
  const problems: SaddlebagError[] = [];
  const byHost: Record<string, TlsSettings | undefined> = {};
  for (const [host, config] of Object.entries(settings?.configs ?? {}))
    byHost[host] = readTls(host, config, { folder, problems });
  if (problems.length > 0)
    throw new ProblemsError('ERR_REGISTRIES_INVALID', 'Cannot use the TLS settings of registries', {
      problems,
    });
  const trusted = caFile === undefined ? undefined : readAuthorities(caFile);
  return (origin) => {
    const { host = origin, protocol } = URL.parse(origin) ?? {};
    const own =
      settingOf(byHost, host) ??
      (protocol === 'https:' ? certificatesFor(host, certificateFolders) : undefined);
    if (trusted === undefined) return own;
    return { ...own, ca: own?.ca === undefined ? trusted : `${own.ca}\n${trusted}` };
  };
}

function readAuthorities(path: string): string {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --ca-file ${JSON.stringify(path)}: ${fact}`, {
      hint: 'Give it a PEM file that begins with "-----BEGIN CERTIFICATE-----".',
      cause,
    });
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw fail(messageOf(cause), cause);
  }
  const fault = pemFault(text, 'certificate');
  if (fault !== undefined) throw fail(fault);
  return text;
}

interface Reading {
  readonly folder: string;
  readonly problems: SaddlebagError[];
}

function readTls(host: string, config: HostSettings, reading: Reading): TlsSettings | undefined {
  const { tls } = config;
  if (tls === undefined) return undefined;
  if ((tls.cert_file === undefined) !== (tls.key_file === undefined))
    reading.problems.push(
      new SaddlebagError(
        'ERR_REGISTRIES_INVALID',
        `Cannot use the client certificate for "${host}": cert_file and key_file go together`,
      ),
    );
  const ca = readPem(host, tls, 'ca_file', reading);
  const cert = readPem(host, tls, 'cert_file', reading);
  const key = readPem(host, tls, 'key_file', reading);
  return { ca, cert, key, rejectUnauthorized: tls.insecure_skip_verify === true ? false : undefined };
}

function readPem(
  host: string,
  tls: TlsFileSettings,
  name: 'ca_file' | 'cert_file' | 'key_file',
  { folder, problems }: Reading,
): string | undefined {
  const path = tls[name];
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(resolve(folder, path), 'utf8');
    const fault = pemFault(text, name === 'key_file' ? 'key' : 'certificate');
    if (fault === undefined) return text;
    problems.push(unreadable(host, { name, path }, fault));
  } catch (cause) {
    problems.push(unreadable(host, { name, path }, messageOf(cause), cause));
  }
  return undefined;
}

function unreadable(
  host: string,
  file: { readonly name: string; readonly path: string },
  fact: string,
  cause?: unknown,
): SaddlebagError {
  return new SaddlebagError(
    'ERR_REGISTRIES_INVALID',
    `Cannot read ${file.name} "${file.path}" for "${host}": ${fact}`,
    { cause },
  );
}
