import { describe, expect, it } from 'vitest';
import { endpointsOf } from '../../../src/registry/session/endpoint.ts';
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts';

describe('endpointsOf', () => {
  it.each([
    ['quay.io', ['https://quay.io/v2']],
    ['harbor.example:8443', ['https://harbor.example:8443/v2']],
    ['docker.io', ['https://registry-1.docker.io/v2']],
    ['localhost:5000', ['http://localhost:5000/v2', 'https://localhost:5000/v2']],
    ['127.0.0.1:5000', ['http://127.0.0.1:5000/v2', 'https://127.0.0.1:5000/v2']],
    ['[::1]:5000', ['http://[::1]:5000/v2', 'https://[::1]:5000/v2']],
    ['localhost', ['http://localhost/v2', 'https://localhost/v2']],
    ['localhost:443', ['https://localhost:443/v2']],
    ['http://registry.lan', ['http://registry.lan/v2']],
    ['https://localhost:5000/', ['https://localhost:5000/v2']],
    ['127.0.0.1.example', ['https://127.0.0.1.example/v2']],
  ])('finds the API of %s', (registry, roots) => {
    expect(endpointsOf(registry).push.roots).toEqual(roots);
  });

  it('speaks HTTPS to a loopback host that has TLS settings', () => {
    const settings: RegistrySettings = { configs: { 'localhost:5000': { tls: { ca_file: 'ca.crt' } } } };
    expect(endpointsOf('localhost:5000', settings).push.roots).toEqual(['https://localhost:5000/v2']);
  });

  it.each([
    ['https://mirror.example', 'https://mirror.example/v2'],
    ['https://mirror.example/', 'https://mirror.example/v2'],
    ['https://mirror.example/v2', 'https://mirror.example/v2'],
    [
      'https://mirror.example/artifactory/api/docker/hub/v2',
      'https://mirror.example/artifactory/api/docker/hub/v2',
    ],
    ['mirror.example:5000', 'https://mirror.example:5000/v2'],
    ['http://10.0.0.1', 'http://10.0.0.1/v2'],
  ])('reads the mirror endpoint %s', (endpoint, root) => {
    const { pull, push } = endpointsOf('docker.io', { mirrors: { 'docker.io': { endpoint: [endpoint] } } });
    expect(pull.map(({ roots }) => roots[0])).toEqual([root, 'https://registry-1.docker.io/v2']);
    expect(push.roots).toEqual(['https://registry-1.docker.io/v2']);
  });

  it('moves an endpoint that is the registry itself to the end', () => {
    const endpoint = ['https://quay.io', 'https://mirror.example'];
    const { pull } = endpointsOf('quay.io', { mirrors: { 'quay.io': { endpoint } } });
    expect(pull.map(({ host }) => host)).toEqual(['mirror.example', 'quay.io']);
  });

  it('takes a mirror of itself on plain HTTP as the way to push there', () => {
    const settings: RegistrySettings = { mirrors: { '3.96.56.137': { endpoint: ['http://3.96.56.137'] } } };
    const { pull, push } = endpointsOf('3.96.56.137', settings);
    expect(push.roots).toEqual(['http://3.96.56.137/v2']);
    expect(pull).toHaveLength(1);
  });

  it('tells a mirror whom it stands in for, and the registry itself nothing', () => {
    const endpoint = ['https://mirror.example', 'https://quay.io'];
    const { pull } = endpointsOf('quay.io', { mirrors: { 'quay.io': { endpoint } } });
    expect(pull.map(({ namespace }) => namespace)).toEqual(['quay.io', undefined]);
    const hub = endpointsOf('index.docker.io', {
      mirrors: { '*': { endpoint: ['https://mirror.example'] } },
    });
    expect(hub.pull.map(({ namespace }) => namespace)).toEqual(['docker.io', undefined]);
  });

  it('rewrites names at mirrors and nowhere else', () => {
    const rewrite = { '^rancher/(.*)': 'project/$1' };
    const settings: RegistrySettings = {
      mirrors: { 'docker.io': { endpoint: ['https://mirror.example'], rewrite } },
    };
    const names = endpointsOf('docker.io', settings).pull.map(({ nameOf }) => nameOf('rancher/shell'));
    expect(names).toEqual(['project/shell', 'rancher/shell']);
  });

  it('takes an empty mirror entry for none', () => {
    expect(endpointsOf('registry.k8s.io', { mirrors: { 'registry.k8s.io': null } }).pull).toHaveLength(1);
  });

  it.each(['https://user:secret@mirror.example', 'https://mirror.example/?a=b', 'https://'])(
    'refuses the endpoint %s without repeating a password',
    (endpoint) => {
      const settings: RegistrySettings = { mirrors: { 'docker.io': { endpoint: [endpoint] } } };
      let thrown: unknown;
      try {
        endpointsOf('docker.io', settings);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'ERR_REGISTRIES_INVALID' });
      expect(String(thrown)).not.toContain('secret');
    },
  );
});
