import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { resolveKubectl } from '../../../src/sources/kubectl/kubectl.ts';
import { plannedFiles } from '../../support/planned/layers.ts';
import { SITE } from '../../support/samples/sample-content.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const LINUX = { version: '1.30.6', platform: 'linux/amd64' };
const bin = (version: string, platform: string): string =>
  `${SITE.kubernetes}/release/v${version}/bin/${platform}`;

describe('resolveKubectl', () => {
  it('makes an item of each client, without reading it', async () => {
    await using bench = await startBench();
    const [planned] = await resolveKubectl([LINUX], bench.context);
    expect(planned?.item).toMatchObject({
      kind: 'kubectl',
      name: 'v1.30.6 linux/amd64',
      version: '1.30.6',
      platform: 'linux/amd64',
      audience: ['kuberlr'],
    });
    const content = bench.upstream.content(`${bin('1.30.6', 'linux/amd64')}/kubectl`) ?? Buffer.alloc(0);
    expect(plannedFiles(planned)).toMatchObject([
      {
        name: 'kubectl',
        descriptor: { digest: digestOf(content), size: content.length },
        origin: { type: 'url', url: `${bench.upstream.url}${bin('1.30.6', 'linux/amd64')}/kubectl` },
      },
    ]);
    expect(bench.asked()).toEqual([
      `GET ${bin('1.30.6', 'linux/amd64')}/kubectl.sha256`,
      `HEAD ${bin('1.30.6', 'linux/amd64')}/kubectl`,
    ]);
  });

  it('names it kubectl.exe on Windows', async () => {
    await using bench = await startBench();
    const [planned] = await resolveKubectl([{ version: '1.30.6', platform: 'windows/amd64' }], bench.context);
    expect(plannedFiles(planned).map(({ name }) => name)).toEqual(['kubectl.exe']);
  });

  it('makes one item of a client that is asked for twice', async () => {
    await using bench = await startBench();
    expect(await resolveKubectl([LINUX, LINUX], bench.context)).toHaveLength(1);
  });

  it('checks by sha512 where there is no sha256, and reads the client to do so', async () => {
    await using bench = await startBench();
    const [planned] = await resolveKubectl([{ version: '1.15.12', platform: 'linux/amd64' }], bench.context);
    const content = bench.upstream.content(`${bin('1.15.12', 'linux/amd64')}/kubectl`) ?? Buffer.alloc(0);
    expect(plannedFiles(planned)[0]?.descriptor.digest).toBe(digestOf(content));
    expect(bench.asked().at(-1)).toBe(`GET ${bin('1.15.12', 'linux/amd64')}/kubectl`);
  });

  it('refuses a client that is not what its sha512 says', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /\/kubectl$/, answer: 'wrong-bytes' });
    expect(
      await problemsOf(resolveKubectl([{ version: '1.15.12', platform: 'linux/amd64' }], bench.context)),
    ).toEqual([expect.stringContaining('ERR_DIGEST_MISMATCH')]);
  });

  it('takes a checksum with a name behind it, as sha256sum writes it', async () => {
    await using bench = await startBench();
    const content = bench.upstream.content(`${bin('1.30.6', 'linux/amd64')}/kubectl`) ?? Buffer.alloc(0);
    const body = `${digestOf(content).slice(7).toUpperCase()}  kubectl\n`;
    bench.upstream.faults.add({ path: /\.sha256$/, answer: { status: 200, body } });
    const [planned] = await resolveKubectl([LINUX], bench.context);
    expect(plannedFiles(planned)[0]?.descriptor.digest).toBe(digestOf(content));
  });

  it.each(['', 'nonsense', 'abc123', 'two words here'])('refuses %j in place of a checksum', async (body) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /\.sha256$/, answer: { status: 200, body } });
    expect(await problemsOf(resolveKubectl([LINUX], bench.context))).toEqual([
      expect.stringMatching(/^ERR_DOCUMENT_INVALID Cannot read ".*\/kubectl\.sha256": it is not a checksum$/),
    ]);
  });

  it('warns of a client that was never published, with what to do instead', async () => {
    await using bench = await startBench();
    const requests = ['darwin/arm64', 'darwin/amd64'].map((platform) => ({ version: '1.20.15', platform }));
    const items = await resolveKubectl(requests, bench.context);
    expect(items.map(({ item }) => item.name)).toEqual(['v1.20.15 darwin/amd64']);
    expect(bench.warnings).toEqual([
      {
        level: 'warning',
        message: 'kubectl 1.20.15 was never published for darwin/arm64: the bundle goes without it',
        hint: 'kubectl 1.21.14 is published for darwin/arm64 and serves Kubernetes 1.20 too: add it under "kubectl". The client for darwin/amd64 runs under Rosetta.',
      },
    ]);
  });

  it('warns even when the remedy cannot be looked up', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /stable-1/, answer: { status: 500 } });
    await resolveKubectl([{ version: '1.20.15', platform: 'darwin/arm64' }], bench.context);
    expect(bench.warnings.map(({ hint }) => hint)).toEqual([
      'The client for darwin/amd64 runs under Rosetta.',
    ]);
  });

  it('warns of a platform for which nothing is published', async () => {
    await using bench = await startBench();
    await resolveKubectl([{ version: '1.30.6', platform: 'plan9/amd64' }], bench.context);
    expect(bench.warnings.map(({ hint }) => hint)).toEqual([
      'Check the platform; a newer version may be published for it.',
    ]);
  });

  it('reports every release that does not exist, with the nearest that does', async () => {
    await using bench = await startBench();
    const versions = ['1.30.99', '1.99.0'];
    const requests = versions.map((version) => ({ version, platform: 'windows/amd64' }));
    const at = (version: string): string =>
      `${bench.upstream.url}${bin(version, 'linux/amd64')}/kubectl.sha256`;
    expect(await problemsOf(resolveKubectl(requests, bench.context))).toEqual(
      versions.map(
        (version) =>
          `ERR_UPSTREAM_NOT_FOUND Cannot find kubectl ${version}: there is no "${at(version)}", nor ".sha512"`,
      ),
    );
    expect(bench.warnings).toEqual([]);
  });

  it('tells the nearest release in the hint', async () => {
    await using bench = await startBench();
    const requests = ['1.30.99', '1.99.0'].map((version) => ({ version, platform: 'linux/amd64' }));
    expect(await hintsOf(resolveKubectl(requests, bench.context))).toEqual([
      'The nearest known release is 1.30.6.',
      'The nearest known release is 1.37.0.',
    ]);
  });

  it('fails on an upstream that is down rather than to go without the client', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /\.sha256$/, answer: { status: 503 } });
    expect(await problemsOf(resolveKubectl([LINUX], bench.context))).toEqual([
      expect.stringMatching(/^ERR_HTTP_STATUS .*the server answered 503/),
    ]);
    expect(bench.warnings).toEqual([]);
  });

  it('names the client that is not there although its checksum is', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /\/kubectl$/, answer: { status: 404 } });
    expect(await problemsOf(resolveKubectl([LINUX], bench.context))).toEqual([
      expect.stringMatching(/^ERR_UPSTREAM_NOT_FOUND .*\/kubectl": the server answered 404/),
    ]);
  });
});
