import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credential } from '../../../src/registry/credentials/credential.ts';
import type { Repository } from '../../../src/oci/roles.ts';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from '../../support/registry/docker-registry.ts';
import { requirePeer } from '../../support/peers/peers.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { copyGraph } from '../../../src/oci/copy.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import { thrownBy } from '../../support/thrown.ts';

const IMAGE = sampleImage();
const USER = { username: 'operator', password: 'secret' };

describe('Repository.remove', () => {
  it.each([
    ['that anyone may use', undefined, undefined],
    ['with tokens', { scheme: 'bearer', ...USER }, { type: 'password', ...USER }],
  ] as const)('takes a manifest away with its tag, at a registry %s', async (_, auth, credential) => {
    await using registry = await startRegistry(auth === undefined ? {} : { auth });
    await registry.seed('rancher/rancher', IMAGE, 'v1');
    const repository = repositoryAt(registry.host, credential);
    expect(await repository.resolve('v1')).toMatchObject({ digest: IMAGE.root.digest });
    expect(await repository.remove?.(IMAGE.root.digest)).toBe(true);
    expect(await repository.resolve('v1')).toBeUndefined();
  });

  it("takes one away at Docker's registry", async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using registry = await startDockerRegistry({ program, htpasswd: true });
    const credential = { type: 'password', ...DOCKER_REGISTRY_USER } as const;
    const repository = repositoryAt(registry.host, credential);
    const from = memoryRegistries({ 'example.com/rancher/rancher:v1': IMAGE })
      .registryOf('example.com')
      .repository('rancher/rancher');
    await copyGraph(IMAGE.root, { from, to: repository, repository: 'rancher/rancher' });
    await repository.tag(IMAGE.root, from, 'v1');
    expect(await repository.resolve('v1')).toMatchObject({ digest: IMAGE.root.digest });
    expect(await repository.remove?.(IMAGE.root.digest)).toBe(true);
    expect(await repository.resolve('v1')).toBeUndefined();
  });

  it('finds nothing wrong with what is gone already', async () => {
    await using registry = await startRegistry();
    expect(await repositoryAt(registry.host).remove?.(IMAGE.root.digest)).toBe(true);
  });

  it.each([
    [405, {}],
    [400, { errors: [{ code: 'UNSUPPORTED', message: 'no' }] }],
    [404, { errors: [{ code: 'UNSUPPORTED', message: 'no' }] }],
  ])('tells by %i that a registry deletes nothing', async (status, body) => {
    await using registry = await startRegistry();
    await registry.seed('rancher/rancher', IMAGE, 'v1');
    registry.inject({ on: 'DELETE manifest', action: { type: 'status', status, body } });
    expect(await repositoryAt(registry.host).remove?.(IMAGE.root.digest)).toBe(false);
  });

  it.each([
    [{ type: 'status', status: 403 }, 'ERR_REGISTRY_DENIED'],
    [{ type: 'status', status: 400 }, 'ERR_REGISTRY_FAILED'],
    [{ type: 'html' }, 'ERR_REGISTRY_FAILED'],
  ] as const)('believes nothing else: %o', async (action, code) => {
    await using registry = await startRegistry();
    await registry.seed('rancher/rancher', IMAGE, 'v1');
    registry.inject({ on: 'DELETE manifest', action });
    const failed = await thrownBy(
      (async () => await repositoryAt(registry.host).remove?.(IMAGE.root.digest))(),
    );
    expect(failed).toMatchObject({
      code,
      message: expect.stringMatching(/^Cannot delete manifest ".*\/rancher\/rancher@sha256:/),
    });
  });
});

function repositoryAt(host: string, credential?: Credential): Repository {
  const client = openTestClient(credential === undefined ? {} : { credentials: { [host]: credential } });
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client.open(host).repository('rancher/rancher');
}
