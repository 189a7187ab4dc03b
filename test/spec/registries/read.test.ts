import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { parseRegistries, readRegistries } from '../../../src/spec/registries/read.ts';
import { failureOf, problemsIn } from '../../support/failure.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('parseRegistries', () => {
  it('knows every key that K3s knows', () => {
    const { value } = parseRegistries(
      [
        'mirrors:',
        '  docker.io:',
        '    endpoint: ["https://registry.example.com:5000"]',
        '    rewrite: { "^rancher/(.*)": "mirrorproject/rancher-images/$1" }',
        '  registry.k8s.io:',
        '  "*": { endpoint: ["https://registry.example.com:5000/v2"] }',
        'configs:',
        '  "registry.example.com:5000":',
        '    auth: { username: user, password: pass, auth: dXNlcjpwYXNz, identity_token: opaque }',
        '    tls: { ca_file: /a, cert_file: /b, key_file: /c, insecure_skip_verify: false }',
      ].join('\n'),
      'registries.yaml',
    );
    expect(Object.keys(value.mirrors ?? {})).toEqual(['docker.io', 'registry.k8s.io', '*']);
    expect(value.configs?.['registry.example.com:5000']?.tls?.insecure_skip_verify).toBe(false);
  });

  it('refuses what K3s passes over in silence: a file whose indentation is lost', async () => {
    const flat = 'mirrors:\ndocker.io:\nendpoint:\n- "https://registry.example.com:5000"\nconfigs:\n';
    const error = await failureOf(() => parseRegistries(flat, 'registries.yaml'));
    expect(error.code).toBe('ERR_REGISTRIES_INVALID');
    expect(problemsIn(error)).toEqual([
      'Cannot read "mirrors" at registries.yaml:1:9: expected a mapping, found nothing | Indent the keys that belong to it, or leave it out altogether.',
      'Cannot read key "docker.io" at registries.yaml:2:1: there is no such key | Known keys here: mirrors, configs.',
      'Cannot read key "endpoint" at registries.yaml:3:1: there is no such key | Known keys here: mirrors, configs.',
      'Cannot read "configs" at registries.yaml:5:9: expected a mapping, found nothing | Indent the keys that belong to it, or leave it out altogether.',
    ]);
  });

  it('takes a group with a name as Go writes it', () => {
    const text = "mirrors: {h: {endpoint: [x], rewrite: {'^(?P<a>.*)$': 'b/${a}'}}}";
    expect(parseRegistries(text, 'r.yaml').value.mirrors).toHaveProperty('h');
  });

  it('names the nearest key of a host', async () => {
    const error = await failureOf(() => parseRegistries('configs: {h: {tls: {ca-file: x}}}\n', 'r.yaml'));
    expect(problemsIn(error)).toEqual([
      'Cannot read key "ca-file" at r.yaml:1:21: there is no such key in "configs.h.tls" | Did you mean "ca_file"?',
    ]);
  });
});

describe('readRegistries', () => {
  it('expands credentials and resolves certificates', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'registries.yaml');
    writeFileSync(path, 'configs: {h: {auth: {password: "${P}"}, tls: {ca_file: ca.crt}}}\n');
    expect(await readRegistries(path, { env: { P: 'x' } })).toEqual({
      configs: { h: { auth: { password: 'x' }, tls: { ca_file: join(folder.path, 'ca.crt') } } },
    });
  });

  it('warns of what K3s would read differently, and reads the file all the same', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'registries.yaml');
    writeFileSync(
      path,
      'mirrors: {docker.io: {endpoint: ["https://a.example:5000"]}}\nconfigs: {a.example: {auth: {password: "${P}"}}}\n',
    );
    const findings: Finding[] = [];
    const onFinding = (finding: Finding): void => void findings.push(finding);
    await readRegistries(path, { env: { P: 'secret' }, onFinding });
    expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
      `warning ${path}:2:22: key "a.example": K3s asks "a.example:5000", and these settings are for another port`,
      `warning ${path}:2:29: "configs['a.example'].auth": there is a password without a username`,
    ]);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  it('says that there is no such file', async () => {
    const error = await failureOf(async () => await readRegistries('/nowhere/registries.yaml', { env: {} }));
    expect(error.message).toBe(
      'Cannot read registries file "/nowhere/registries.yaml": there is no such file',
    );
    expect(error.code).toBe('ERR_REGISTRIES_INVALID');
  });
});
