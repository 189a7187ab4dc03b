import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CURVE = 'ec_paramgen_curve:prime256v1';

/** Paths and texts of a certificate for 127.0.0.1 and localhost, the authority that signed it, and a client's. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes certificates in `folder` with the `openssl` given. */
export async function makeCertificates(openssl: string, folder: string): Promise<Certificates> {
  const path = (name: string): string => join(folder, name);
  const request = ['req', '-x509', '-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt', CURVE];
  const outputs = (name: string): string[] => ['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)];
  await run(openssl, [...request, '-subj', '/CN=Sample CA', ...outputs('ca')]);
  for (const [name, extension] of [
    ['server', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ['client', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    const signing = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-subj', `/CN=Sample ${name}`];
    const extensions = ['-addext', extension, '-addext', 'basicConstraints=critical,CA:FALSE'];
    await run(openssl, [...request, ...signing, ...extensions, ...outputs(name)]);
  }
  return {
    caFile: path('ca.crt'),
    certFile: path('server.crt'),
    keyFile: path('server.key'),
    clientCertFile: path('client.crt'),
    clientKeyFile: path('client.key'),
    ca: await readFile(path('ca.crt'), 'utf8'),
    cert: await readFile(path('server.crt'), 'utf8'),
    key: await readFile(path('server.key'), 'utf8'),
  };
}
