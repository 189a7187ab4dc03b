import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pemFault } from '../../internal/http/route/pem.ts';
import { isRecord } from '../../internal/json.ts';
import { inspectYaml, valueAt } from '../yaml/decode.ts';
import { quote } from '../yaml/quote.ts';
import { formatPath, formatPlace } from '../yaml/place.ts';
import type { PlacedFinding } from './placed-finding.ts';
import { registriesSchema } from './schema.ts';
import { registriesSource } from './source.ts';

const USES = { ca_file: 'certificate', cert_file: 'certificate', key_file: 'key' } as const;

/**
 * Returns the certificates and keys of a `registries.yaml` that no reader could use, in the order of the file. One that this
 * host does not have is no fault: it may be there for the nodes.
 */
export async function checkCertificates(text: string, file: string): Promise<readonly PlacedFinding[]> {
  const { yaml } = inspectYaml(registriesSchema, text, registriesSource(file));
  const configs = valueAt(yaml.value, ['configs']);
  const findings: PlacedFinding[] = [];
  for (const [host, config] of Object.entries(isRecord(configs) ? configs : {})) {
    const tls: unknown = isRecord(config) ? config['tls'] : undefined;
    for (const [key, use] of Object.entries(USES)) {
      const named: unknown = isRecord(tls) ? tls[key] : undefined;
      const content = typeof named === 'string' ? await read(resolve(dirname(file), named)) : undefined;
      const fault = content === undefined ? undefined : pemFault(content, use);
      if (fault === undefined) continue;
      const path = ['configs', host, 'tls', key];
      const place = yaml.placeOf(path);
      const message = `${formatPlace(place)}: ${quote(formatPath(path))}: ${fault}`;
      findings.push({ level: 'error', message, hint: hintFor(use), line: place.line, column: place.column });
    }
  }
  return findings;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function hintFor(use: 'certificate' | 'key'): string {
  return use === 'key'
    ? 'It must be PEM, with "-----BEGIN PRIVATE KEY-----" or the like.'
    : 'It must be PEM, with "-----BEGIN CERTIFICATE-----"; for an export of Windows: openssl pkcs7 -print_certs -in FILE -out ca.crt';
}
