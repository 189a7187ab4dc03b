import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, SaddlebagError } from '../../internal/error.ts';
import type { TlsSettings } from '../../internal/http/http.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { type HostSettings, type RegistrySettings, settingOf, type TlsFileSettings } from './settings.ts';

/**
 * Returns the `tls` lookup of an HTTP client, from origin (`https://host:port`) to PEM texts. Every file in the settings is
 * read here, once; relative paths start at `folder` (the working directory when left out).
 *
 * @throws `ERR_REGISTRIES_INVALID` with every unreadable file and every incomplete client pair
 */
export function tlsFor(
  settings: RegistrySettings | undefined,
  options: { readonly folder?: string | undefined } = {},
): (origin: string) => TlsSettings | undefined {
  const problems: SaddlebagError[] = [];
  const byHost: Record<string, TlsSettings | undefined> = {};
  for (const [host, config] of Object.entries(settings?.configs ?? {}))
    byHost[host] = readTls(host, config, { folder: options.folder ?? '', problems });
  if (problems.length > 0)
    throw new ProblemsError('ERR_REGISTRIES_INVALID', 'Cannot use the TLS settings of registries', {
      problems,
    });
  return (origin) => settingOf(byHost, URL.parse(origin)?.host ?? origin);
}

/** One that is whole: an export of Windows (PKCS #7), a key and half a file are PEM as well. */
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END /;

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
  return {
    ca,
    cert,
    key,
    ...(tls.insecure_skip_verify === true ? { rejectUnauthorized: false } : {}),
  };
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
    if (!text.includes('-----BEGIN '))
      problems.push(unreadable(host, { name, path }, 'it holds no PEM text'));
    else if (name !== 'key_file' && !CERTIFICATE.test(text))
      problems.push(unreadable(host, { name, path }, 'it holds no certificate'));
    else return text;
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
