import { describe, expect, it } from 'vitest';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';

describe('ping', () => {
  it('passes at a registry that anyone may use', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    await expect(client.open(registry.host).ping()).resolves.toBeUndefined();
    expect(client.open(registry.host).host).toBe(registry.host);
  });

  it('reports that nothing answers', async () => {
    const registry = await startRegistry();
    await registry[Symbol.asyncDispose]();
    await using client = openTestClient();
    await expect(client.open(registry.host).ping()).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: expect.stringContaining('was refused'),
      hint: expect.stringContaining('server runs'),
    });
  });

  it.each([
    ['a web page', { type: 'html' } as const],
    ['404', { type: 'status', status: 404, body: 'nginx' } as const],
  ])('tells that what answers with %s is no registry', async (_what, action) => {
    await using registry = await startRegistry({ faults: [{ on: 'GET ping', times: 9, action }] });
    await using client = openTestClient();
    await expect(client.open(`http://${registry.host}`).ping()).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      hint: expect.stringContaining('No registry answers'),
    });
  });

  it('tells that it is not let in', async () => {
    await using registry = await startRegistry({ auth: { scheme: 'basic', username: 'a', password: 'b' } });
    await using client = openTestClient();
    await expect(client.open(registry.host).ping()).rejects.toMatchObject({ code: 'ERR_REGISTRY_DENIED' });
  });

  it('stops when it is interrupted before it began', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    await expect(client.open(registry.host).ping({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
    expect(registry.log.entries).toEqual([]);
  });
});
