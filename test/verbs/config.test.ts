import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ConfigKind, type ConfigWish, type ConfigResult, writeConfig } from '../../src/verbs/config.ts';
import { targetReference } from '../../src/oci/naming.ts';
import { endpointsOf } from '../../src/registry/session/endpoint.ts';
import { parseRegistries } from '../../src/spec/registries/read.ts';
import { failureOf } from '../support/failure.ts';
import { install, installLab, type InstallLab, registryOpener } from '../support/sites/install-lab.ts';
import { plannedImage } from '../support/planned/items.ts';
import type { Surroundings } from '../../src/steps/surroundings.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { namesUnder } from '../support/tree.ts';

type Asked = Omit<ConfigWish, 'kind'> & Partial<Surroundings>;

async function config(kind: ConfigKind, options: Asked = {}): Promise<ConfigResult> {
  const { env = {}, home = NOBODY.home, host = NOBODY.host, ...wish } = options;
  return await writeConfig({ ...wish, kind }, { env, home, host });
}

function first({ files }: ConfigResult): string {
  return files[0]?.text ?? '';
}

/** Installs the images of a lab and returns what to ask about it with. */
async function installed(
  lab: InstallLab,
  registry: string,
  naming?: 'rancher' | 'strip' | 'full',
  rewrite?: readonly string[],
): Promise<Asked> {
  await install({
    ...lab.options,
    targets: { registry: [registry], naming, rewrite },
    openRegistry: registryOpener(lab.registry.host),
  });
  return { bundle: lab.at('lab.tar'), env: {}, home: lab.home };
}

describe('the registry that a bundle went to', () => {
  it.each(['rancher', 'strip', 'full'] as const)(
    'is in its receipt, and so is the naming "%s"',
    async (naming) => {
      const lab = await installLab();
      const result = await config('registries.yaml', await installed(lab, 'harbor.lab:8443/mirror', naming));
      const { mirrors } = parseRegistries(first(result), 'registries.yaml').value;
      for (const [source, repository] of [
        ['quay.io', 'jetstack/x'],
        ['docker.io', 'rancher/x'],
        ['docker.io', 'library/x'],
      ] as const) {
        expect(mirrors?.[source]?.endpoint).toEqual(['https://harbor.lab:8443']);
        const [endpoint] = endpointsOf(source, { mirrors }).pull;
        const { repository: expected } = targetReference(`${source}/${repository}:1`, naming, 'mirror');
        expect(endpoint?.nameOf(repository)).toBe(expected);
      }
      expect(result.findings).toEqual([]);
    },
  );

  it('is the one of the newest receipt, and only the sources in the bundle are mirrored', async () => {
    const lab = await installLab([plannedImage('quay.io/jetstack/cert-manager-webhook:v1.15.3')]);
    const options = await installed(lab, 'harbor.lab');
    const value: unknown = parse(first(await config('registries.yaml', options)));
    expect(value).toEqual({
      mirrors: {
        'harbor.lab': { endpoint: ['https://harbor.lab'] },
        'quay.io': { endpoint: ['https://harbor.lab'], rewrite: { '^(.*)$': 'quay.io/$1' } },
      },
    });
  });

  it('gives way to one that is named', async () => {
    const lab = await installLab();
    const options = await installed(lab, 'harbor.lab');
    const result = await config('rke', { ...options, registry: 'other.lab/x', naming: 'full' });
    expect(parse(first(result))).toEqual({
      private_registries: [{ url: 'other.lab/x/docker.io', is_default: true }],
    });
  });

  it('is reported to be one of several', async () => {
    const lab = await installLab();
    await installed(lab, 'a.lab');
    const options = await installed(lab, 'b.lab');
    const { findings } = await config('rke', options);
    expect(findings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('for "a.lab", and not for b.lab') }),
    ]);
  });

  it('has a naming for images that have a tag and a digest', async () => {
    const { planned } = plannedImage('docker.io/library/app:1');
    const pinned = plannedImage(`docker.io/library/app:1@${planned.item.descriptor.digest}`);
    const lab = await installLab([pinned]);
    const result = await config('registries.yaml', await installed(lab, 'harbor.lab', 'full'));
    expect(result.findings).toEqual([]);
    expect(parse(first(result))).toHaveProperty(['mirrors', 'docker.io', 'rewrite'], {
      '^(.*)$': 'docker.io/$1',
    });
  });

  it('is told to have images that were renamed, and K3s where each of them is', async () => {
    const lab = await installLab([
      plannedImage('docker.io/rancher/rancher:v2.9.2'),
      plannedImage('docker.io/library/busybox:1'),
      plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3'),
    ]);
    const rewrites = ['^quay\\.io/jetstack/=>certs/', '^rancher/rancher$=>tools/rancher'];
    const options = await installed(lab, 'harbor.lab/mirror', undefined, rewrites);
    const { findings, files } = await config('registries.yaml', options);
    expect(findings.map(({ message }) => message)).toEqual([
      'the images at "harbor.lab/mirror" do not follow one naming alone: --rewrite has renamed some of them',
    ]);
    const text = files[0]?.text ?? '';
    expect(parse(text)).toHaveProperty('mirrors', {
      'harbor.lab': { endpoint: ['https://harbor.lab'] },
      'docker.io': {
        endpoint: ['https://harbor.lab'],
        rewrite: {
          '^library/busybox$': 'mirror/rancher/busybox',
          '^rancher/rancher$': 'mirror/tools/rancher',
        },
      },
      'quay.io': {
        endpoint: ['https://harbor.lab'],
        rewrite: {
          '^jetstack/cert-manager-controller$': 'mirror/certs/cert-manager-controller',
        },
      },
    });
    // Read as our own client reads such a file, with Go's rules of rewriting.
    const { value } = parseRegistries(text, 'registries.yaml');
    const [endpoint] = endpointsOf('quay.io', value).pull;
    expect(endpoint?.nameOf('jetstack/cert-manager-controller')).toBe('mirror/certs/cert-manager-controller');
    // What cannot rename is told of what it will not find, and charts have the names that are there.
    const toml = await config('hosts.toml', options);
    expect(toml.findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^containerd cannot find 3 images by their original names/),
    );
    const values = await config('helm-values', { ...options, hostname: 'rancher.lab' });
    expect(parse(first(values))).toHaveProperty('rancherImage', 'harbor.lab/mirror/tools/rancher');
  });

  it('is found by the receipt itself as well', async () => {
    const lab = await installLab();
    const options = await installed(lab, 'harbor.lab');
    const receipt = namesUnder(lab.home).find((name) => name.endsWith('.json')) ?? '';
    const result = await config('rke', { ...options, bundle: join(lab.home, receipt) });
    expect(first(result)).toContain('url: "harbor.lab"');
    // It may have come from another host.
    const elsewhere = await config('rke', { bundle: join(lab.home, receipt) });
    expect(elsewhere).toEqual(result);
  });

  it('is asked for when nobody knows it', async () => {
    const lab = await installLab();
    const unknown = await failureOf(
      async () => await config('rke', { bundle: lab.at('lab.tar'), home: lab.home }),
    );
    expect(unknown.message).toMatch(/no install of ".*lab\.tar" to one is known on this host$/);
    expect(unknown.hint).toBe('Give it with --registry HOST[:PORT][/PREFIX].');
    const none = await failureOf(async () => await config('rke'));
    expect(none).toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: expect.stringContaining('none is given'),
    });
  });
});

describe('what is written', () => {
  it('knows the versions of what is in the bundle', async () => {
    const lab = await installLab([
      plannedImage('docker.io/rancher/rancher:v2.9.2'),
      plannedImage('quay.io/jetstack/cert-manager-controller:v1.10.1'),
    ]);
    const options = { bundle: lab.at('lab.tar'), registry: 'harbor.lab', hostname: 'rancher.lab' };
    expect(first(await config('rancher-docker', options))).toContain(
      '\n  harbor.lab/rancher/rancher:v2.9.2\n',
    );
    const { files } = await config('helm-values', options);
    expect(parse(files[0]?.text ?? '')).toMatchObject({ rancherImageTag: 'v2.9.2', hostname: 'rancher.lab' });
    expect(parse(files[1]?.text ?? '')).toHaveProperty('extraArgs');
  });

  it('takes a version with or without its "v", and guesses none of two', async () => {
    const lab = await installLab([
      plannedImage('docker.io/rancher/rancher:v2.9.2'),
      plannedImage('docker.io/rancher/rancher:v2.10.1'),
    ]);
    const options = { bundle: lab.at('lab.tar'), registry: 'harbor.lab' };
    const error = await failureOf(async () => await config('rancher-docker', options));
    expect(error.message).toBe('Cannot write "rancher-docker": the version of Rancher is not known');
    for (const rancherVersion of ['2.9.2', 'v2.9.2'])
      expect(first(await config('rancher-docker', { ...options, rancherVersion }))).toContain(':v2.9.2\n');
  });

  it('names the images that containerd and Docker cannot find', async () => {
    const lab = await installLab([plannedImage('docker.io/library/busybox:1.36')]);
    const options = { bundle: lab.at('lab.tar'), registry: 'harbor.lab' };
    for (const kind of ['hosts.toml', 'daemon.json'] as const) {
      const { findings } = await config(kind, options);
      expect(findings.map(({ message }) => message)).toEqual([
        expect.stringContaining('docker.io/library/busybox:1.36'),
      ]);
    }
    expect((await config('registries.yaml', options)).findings).toEqual([]);
  });

  it('mirrors the sources that are named, each once', async () => {
    const result = await config('registries.yaml', {
      registry: 'harbor.lab',
      sources: ['ghcr.io', 'index.docker.io', 'https://ghcr.io/'],
    });
    expect(Object.keys(parse(first(result)).mirrors)).toEqual(['harbor.lab', 'ghcr.io', 'docker.io']);
    for (const source of [
      'http://quay.io',
      'https://quay.io/jetstack',
      'quay.io/jetstack',
      '*',
      '../x',
      'quay',
    ])
      expect(
        await failureOf(async () => await config('rke', { registry: 'harbor.lab', sources: [source] })),
      ).toMatchObject({
        code: 'ERR_USAGE_INVALID',
      });
  });

  it('goes to files when there is a folder for them', async () => {
    using folder = temporaryFolder();
    const output = join(folder.path, 'certs.d');
    const options = { registry: 'harbor.lab:8443', sources: ['docker.io', 'quay.io'], output };
    for (const _ of [1, 2]) {
      const { files, written } = await config('hosts.toml', options);
      expect(namesUnder(output).filter((name) => name.endsWith('.toml'))).toEqual([
        'docker.io/hosts.toml',
        'harbor.lab:8443/hosts.toml',
        'quay.io/hosts.toml',
      ]);
      expect(written).toEqual(files.map(({ path }) => join(output, path)));
      for (const { path, text } of files) expect(readFileSync(join(output, path), 'utf8')).toBe(text);
    }
  });

  it('cannot go where a file is in the way', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    const output = join(folder.path, 'file');
    expect(
      await failureOf(async () => await config('rke', { registry: 'harbor.lab', output })),
    ).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
    });
  });
});

describe('the scheme', () => {
  const endpointOf = async (options: Asked): Promise<string> => {
    const result = await config('registries.yaml', { sources: ['docker.io'], naming: 'strip', ...options });
    return parse(first(result)).mirrors['docker.io'].endpoint[0];
  };

  it('is HTTPS unless it is said otherwise, or the registry is on this very host', async () => {
    expect(await endpointOf({ registry: 'harbor.lab' })).toBe('https://harbor.lab');
    expect(await endpointOf({ registry: 'harbor.lab', plainHttp: true })).toBe('http://harbor.lab');
    expect(await endpointOf({ registry: 'localhost:5000' })).toBe('http://localhost:5000');
    expect(await endpointOf({ registry: 'localhost:5000', caFile: '/ca.crt' })).toBe(
      'https://localhost:5000',
    );
  });

  it('comes with a warning for a name that is another host everywhere', async () => {
    const { findings } = await config('rke', { registry: '127.0.0.1:5000' });
    expect(findings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('on every node') }),
    ]);
    expect((await config('rke', { registry: 'harbor' })).findings).toEqual([
      expect.objectContaining({ hint: 'Give its full name, or a port: "harbor:443".' }),
    ]);
    expect((await config('rke', { registry: 'harbor:443' })).findings).toEqual([]);
  });
});

describe('what is refused', () => {
  it.each<[Asked, RegExp]>([
    [{ registry: 'http://harbor.lab' }, /it is a URL/],
    [{ registry: 'https://harbor.lab/a?b' }, /it is a URL/],
    [{ registry: 'https://a:secret@harbor.lab' }, /it is a URL/],
    [{ registry: 'a:secret@harbor.lab' }, /it is not HOST/],
    [{ registry: 'harbor.lab', caFile: 'ca.crt' }, /--ca-file "ca.crt": it is not absolute/],
    [{ registry: 'harbor.lab', caFile: '/ca\n.crt' }, /control characters/],
    [{ registry: 'harbor.lab', username: 'a\nb' }, /control characters/],
    [{ registry: 'harbor.lab', username: '' }, /it is empty/],
    [{ registry: 'harbor.lab', hostname: 'a\u001Bb' }, /control characters/],
    [{ registry: 'harbor.lab', rancherVersion: '2.9:2' }, /--rancher-version "2.9:2": it is not a version/],
    [{ registry: 'harbor.lab', certManagerVersion: '$(id)' }, /it is not a version/],
  ])('%j', async (options, message) => {
    const error = await failureOf(async () => await config('helm-values', options));
    expect(error.code).toBe('ERR_USAGE_INVALID');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });
});

describe('the unit', () => {
  it('needs no registry, and has absolute paths', async () => {
    const text = first(await config('systemd', { bundle: 'lab.tar', htpasswd: 'users' }));
    expect(text).toContain(`serve ${join(process.cwd(), 'lab.tar')} --htpasswd %d/htpasswd\n`);
    expect(text).toContain(`LoadCredential=htpasswd:${join(process.cwd(), 'users')}\n`);
    expect(text).toContain('ExecStart=/usr/local/bin/bundle serve ');
    expect(first(await config('systemd', { bundle: '/b', program: '/opt/bundle' }))).toContain(
      'ExecStart=/opt/bundle ',
    );
  });

  it.each<[Asked, RegExp]>([
    [{}, /no bundle is given/],
    [{ bundle: '/b', tlsCert: '/c' }, /--tls-cert and --tls-key go together/],
    [{ bundle: '/b\nExecStartPre=/bin/evil' }, /--bundle .* control characters/],
    [{ bundle: '/b', listen: ':443\nUser=root' }, /--listen .* control characters/],
    [{ bundle: '/b', program: '' }, /--program "": it is empty/],
  ])('is refused for %j', async (options, message) => {
    const error = await failureOf(async () => await config('systemd', options));
    expect(error.code).toBe('ERR_USAGE_INVALID');
    expect(error.message).toMatch(message);
  });
});
