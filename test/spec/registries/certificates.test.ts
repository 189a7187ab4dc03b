import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRegistriesFile } from '../../../src/verbs/check-registries.ts';
import { type Authority, createAuthority, type KeyPair } from '../../support/http/authority.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let authority: Authority;
let pair: KeyPair;
beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['DNS:client']);
});
afterAll(() => authority[Symbol.asyncDispose]());

const SURROUNDINGS = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };

/** Checks a file whose host has a certificate, a client certificate and a key of these texts; one left out is not there. */
async function findingsFor(
  files: { readonly ca?: string; readonly cert?: string; readonly key?: string },
  isAbsolute = false,
): Promise<readonly string[]> {
  using folder = temporaryFolder();
  const named = (name: string): string => (isAbsolute ? join(folder.path, name) : name);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const path = join(folder.path, 'registries.yaml');
  const lines = [
    'mirrors: { harbor.lab: { endpoint: ["https://harbor.lab"] } }',
    'configs:',
    '  harbor.lab:',
    '    tls:',
    `      ca_file: ${named('ca')}`,
    `      cert_file: ${named('cert')}`,
    `      key_file: ${named('key')}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { findings, ok } = await checkRegistriesFile({ path }, SURROUNDINGS);
  expect(ok).toBe(findings.length === 0);
  return findings.map(({ line, message }) => `${line} ${message.slice(message.lastIndexOf(': ') + 2)}`);
}

describe('the certificates that a registries.yaml names', () => {
  it.each([false, true])(
    'are right, or are not on this host, and then nothing is said (absolute: %s)',
    async (isAbsolute) => {
      expect(await findingsFor({}, isAbsolute)).toEqual([]);
      expect(await findingsFor({ ca: authority.cert, ...pair }, isAbsolute)).toEqual([]);
      expect(await findingsFor({ ca: authority.cert }, isAbsolute)).toEqual([]);
    },
  );

  it('are told with their lines when they are not what they should be', async () => {
    const windows = authority.cert.replaceAll('CERTIFICATE', 'PKCS7');
    expect(await findingsFor({ ca: windows })).toEqual(['5 it holds no certificate']);
    expect(await findingsFor({ ca: '', cert: pair.key, key: pair.cert }, true)).toEqual([
      '5 it holds no PEM text',
      '6 it holds no certificate',
      '7 it holds no private key',
    ]);
    expect(await findingsFor({ ca: authority.cert.slice(0, 300) })).toEqual(['5 it holds no certificate']);
  });
});
