import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate with its key, as PEM texts. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** A private authority: its certificate, and what it signs. */
export interface Authority extends AsyncDisposable {
  readonly cert: string;
  /** Where its certificate lies. */
  readonly certFile: string;
  /** Makes a certificate for `names` (`DNS:…`, `IP:…`), valid for `days` from now; a negative number has expired. */
  issue(names: readonly string[], options?: { readonly days?: number }): Promise<KeyPair>;
  /** Makes one for `names` that is valid in the year 2100 alone. */
  issueForLater(names: readonly string[]): Promise<KeyPair>;
}

/** Makes an authority with `openssl` in a temporary folder. */
export async function createAuthority(name = 'Saddlebag test authority'): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'saddlebag-ca-'));
  const file = (path: string): string => join(folder, path);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const ca = [
    '-x509',
    '-days',
    '30',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  ];
  await run('openssl', ['req', ...newKey, ...ca, '-addext', 'keyUsage=critical,keyCertSign']);
  let count = 0;
  const requested = async (names: readonly string[]): Promise<string> => {
    count += 1;
    const leaf = file(`leaf-${count}`);
    const request = ['-subj', '/CN=saddlebag test', '-keyout', `${leaf}.key`, '-out', `${leaf}.csr`];
    await run('openssl', ['req', ...newKey, ...request]);
    await writeFile(`${leaf}.ext`, `subjectAltName=${names.join(',')}\n`);
    return leaf;
  };
  const pairOf = async (leaf: string): Promise<KeyPair> => ({
    key: await readFile(`${leaf}.key`, 'utf8'),
    cert: await readFile(`${leaf}.crt`, 'utf8'),
  });
  return {
    cert: await readFile(file('ca.crt'), 'utf8'),
    certFile: file('ca.crt'),
    issue: async (names, { days = 30 } = {}) => {
      const leaf = await requested(names);
      const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial'];
      const files = ['-in', `${leaf}.csr`, '-extfile', `${leaf}.ext`, '-out', `${leaf}.crt`];
      await run('openssl', ['x509', '-req', ...signing, '-days', String(days), ...files]);
      return await pairOf(leaf);
    },
    issueForLater: async (names) => {
      const leaf = await requested(names);
      // Only `openssl ca` takes a first day, and it wants a ledger.
      await writeFile(`${leaf}.ledger`, '');
      const settings = ['rand_serial=yes', 'default_md=sha256', 'policy=any', `new_certs_dir=${folder}`];
      const ledger = `database=${leaf}.ledger`;
      const config = ['[ca]', 'default_ca=own', '[own]', ledger, ...settings, '[any]', 'commonName=supplied'];
      await writeFile(`${leaf}.cnf`, `${config.join('\n')}\n`);
      const signing = [
        '-batch',
        '-config',
        `${leaf}.cnf`,
        '-cert',
        file('ca.crt'),
        '-keyfile',
        file('ca.key'),
      ];
      const days = ['-startdate', '21000101000000Z', '-enddate', '21001231000000Z'];
      const files = ['-in', `${leaf}.csr`, '-extfile', `${leaf}.ext`, '-out', `${leaf}.crt`, '-notext'];
      await run('openssl', ['ca', ...signing, ...days, ...files]);
      return await pairOf(leaf);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
