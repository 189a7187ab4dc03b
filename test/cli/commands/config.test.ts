import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRegistriesFile } from '../../../src/verbs/check-registries.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { type ConfigResult, writeConfig } from '../../../src/verbs/config.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('bundle config', () => {
  it('prints the file and nothing else, ready to be piped', async () => {
    const argv = [
      'config',
      'daemon.json',
      '--registry',
      'harbor.lab',
      '--source',
      'docker.io',
      '--plain-http',
    ];
    const { status, stdout, stderr } = await runInMemory(argv, { verbs: { writeConfig } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      'registry-mirrors': ['http://harbor.lab'],
      'insecure-registries': ['harbor.lab'],
    });
    expect(stdout.endsWith('}\n')).toBe(true);
  });

  it('tells on stderr what the file cannot say', async () => {
    const argv = ['config', 'daemon.json', '--registry', 'localhost:5000', '--username', 'admin'];
    const { status, stdout, stderr } = await runInMemory(argv, { verbs: { writeConfig } });
    expect(status).toBe(0);
    expect(() => JSON.parse(stdout)).not.toThrow();
    expect(stderr).toMatch(/^warning: "localhost:5000" is another registry on every node/);
    expect(stderr).toContain('docker login localhost:5000');
  });

  it('hands every option on', async () => {
    const seen: unknown[] = [];
    const spy: Library['writeConfig'] = async (wish) => {
      seen.push(wish.kind, wish);
      return { kind: wish.kind, files: [], findings: [], written: ['/out/a', '/out/b'] };
    };
    const options = {
      registry: 'harbor.lab',
      naming: 'strip',
      bundle: 'lab.tar',
      username: 'u',
      'ca-file': '/ca',
      'rancher-version': 'v2',
      'cert-manager-version': 'v1',
      hostname: 'r.lab',
      listen: '127.0.0.1:1',
      'tls-cert': 'c',
      'tls-key': 'k',
      htpasswd: 'h',
      key: 'pub',
      program: 'p',
      output: 'o',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const { stdout } = await runInMemory(
      ['config', 'systemd', ...flags, '--source', 'a.b', '--source', 'c.d'],
      {
        verbs: { writeConfig: spy },
      },
    );
    expect(stdout).toBe('Wrote /out/a\nWrote /out/b\n');
    const { output, registry, naming, bundle, username, hostname, listen, htpasswd, program } = options;
    expect(seen).toEqual([
      'systemd',
      expect.objectContaining({
        output,
        registry,
        naming,
        bundle,
        username,
        hostname,
        listen,
        htpasswd,
        program,
      }),
    ]);
    expect(seen[1]).toMatchObject({
      caFile: '/ca',
      rancherVersion: 'v2',
      certManagerVersion: 'v1',
      tlsCert: 'c',
      tlsKey: 'k',
      key: 'pub',
      sources: ['a.b', 'c.d'],
      plainHttp: undefined,
    });
  });

  it('has the files and findings as JSON', async () => {
    const { stdout } = await runInMemory(['config', 'rke', '--registry', 'harbor.lab', '--json'], {
      verbs: { writeConfig },
    });
    const result: ConfigResult = JSON.parse(stdout);
    expect(result).toMatchObject({ kind: 'rke', files: [{ path: 'rancher-cluster.yml' }], findings: [] });
  });

  it('names the kinds there are when it is asked for another', async () => {
    const { status, stderr } = await runInMemory(['config', 'registry.yaml']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'expected registries.yaml, hosts.toml, daemon.json, rancher-docker, rke, helm-values, icsp, idms, itms, install-config, pull-secret, signature-configmap, openshift-ca, samples, catalog-source, systemd',
    );
    expect((await runInMemory(['config'])).stderr).toContain('KIND is missing');
  });
});

describe('bundle config --check', () => {
  const verbs = { checkRegistriesFile };

  it('ends with status 0 when K3s does what the file says', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'registries.yaml');
    writeFileSync(path, 'mirrors:\n  docker.io:\n    endpoint: ["harbor.lab"]\n');
    const { status, stdout, stderr } = await runInMemory(['config', 'registries.yaml', '--check', path], {
      verbs,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^K3s reads ${path}\\nwarning: ${path}:3:16: .* no scheme`));
  });

  it('ends with status 2 when it does not, with every finding and its line in the result', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'registries.yaml');
    writeFileSync(path, 'mirrors:\ndocker.io:\nendpoint:\n- "https://harbor.lab"\n');
    const text = await runInMemory(['config', 'registries.yaml', '--check', path], { verbs });
    expect(text.status).toBe(2);
    expect(text.stdout).toContain(`\nerror: ${path}:2:1: key "docker.io": K3s ignores it`);
    expect(text.stderr).toMatch(/^error: Cannot rely on .*\(4 problems\) \[ERR_REGISTRIES_INVALID\]\n/);
    // There is one kind that can be checked, so it need not be named.
    const json = await runInMemory(['config', '--check', path, '--json'], { verbs });
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      path,
      ok: false,
      findings: [{ line: 1 }, { line: 1 }, { line: 2, column: 1, level: 'error' }, { line: 3 }],
    });
  });

  it('says that there is no such file', async () => {
    const { status, stderr } = await runInMemory(['config', 'registries.yaml', '--check', '/nowhere.yaml'], {
      verbs,
    });
    expect(status).toBe(2);
    expect(stderr).toContain('Cannot read registries file "/nowhere.yaml": there is no such file');
  });

  it('has company: install warns of the same before it continues', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'registries.yaml');
    writeFileSync(path, 'mirrors: {a.example: {endpoint: ["a.example"]}}\n');
    const argv = ['install', join(folder.path, 'none.tar'), '--registries', path];
    const { status, stderr } = await runInMemory(argv, { verbs: { installBundle: installBundle } });
    expect(status).toBe(5);
    expect(stderr).toMatch(
      new RegExp(`^warning: ${path}:1:34: .* it has no scheme.*\\nhint: .*\\nerror: .*none\\.tar`),
    );
  });

  it('checks nothing else', async () => {
    const { status, stderr } = await runInMemory(['config', 'hosts.toml', '--check', '/x'], { verbs });
    expect(status).toBe(2);
    expect(stderr).toContain('Cannot check a "hosts.toml": only a registries.yaml can be checked');
  });
});
