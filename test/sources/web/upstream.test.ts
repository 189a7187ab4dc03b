import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { integrityFromHex } from '../../../src/sources/web/checksum.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { thrownBy } from '../../support/thrown.ts';

const PATH = '/files/tool.tar.gz';
const CONTENT = Buffer.from('a tool, packed\n');
const DIGEST = digestOf(CONTENT);
const OTHER = digestOf('something else');

describe('measure', () => {
  it('asks for the size alone when the digest is known', async () => {
    await using bench = await startBench();
    const url = `${bench.upstream.url}${PATH}`;
    expect(await bench.context.web.measure(url, { digest: DIGEST })).toEqual({ digest: DIGEST, size: 15 });
    expect(bench.asked()).toEqual([`HEAD ${PATH}`]);
  });

  it('reads a file with an unknown digest, once a run', async () => {
    await using bench = await startBench();
    const { web } = bench.context;
    const url = `${bench.upstream.url}${PATH}`;
    const measures = await Promise.all([web.measure(url), web.measure(url)]);
    expect(measures).toEqual([
      { digest: DIGEST, size: 15 },
      { digest: DIGEST, size: 15 },
    ]);
    await web.measure(url);
    expect(bench.asked()).toEqual([`GET ${PATH}`]);
  });

  it.each([
    ['refuses HEAD', { status: 403 }],
    ['does not know HEAD', { status: 405 }],
    ['tells no length', { status: 200 }],
    ['tells 0 for whatever it has', { status: 200, headers: { 'content-length': '0' } }],
    ['encodes', { status: 200, headers: { 'content-length': '15', 'content-encoding': 'gzip' } }],
    ['tells a length that is none', { status: 200, headers: { 'transfer-encoding': 'chunked' } }],
  ])('reads the file and compares it when the server %s', async (_, answer) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: PATH, method: 'HEAD', answer });
    const url = `${bench.upstream.url}${PATH}`;
    expect(await bench.context.web.measure(url, { digest: DIGEST })).toEqual({ digest: DIGEST, size: 15 });
    const error = await thrownBy(bench.context.web.measure(url, { digest: OTHER }));
    expect(error.code).toBe('ERR_DIGEST_MISMATCH');
    expect(error.message).toBe(`Cannot verify "${url}": expected "${OTHER}", found "${DIGEST}"`);
  });

  it('compares with an integrity string of another algorithm', async () => {
    await using bench = await startBench();
    const url = `${bench.upstream.url}${PATH}`;
    const hex = createHash('sha512').update(CONTENT).digest('hex');
    const right = integrityFromHex(hex, 'sha512') ?? '';
    expect(await bench.context.web.measure(url, { integrity: right })).toEqual({ digest: DIGEST, size: 15 });
    const wrong = integrityFromHex('a'.repeat(128), 'sha512') ?? '';
    expect((await thrownBy(bench.context.web.measure(url, { integrity: wrong }))).code).toBe(
      'ERR_DIGEST_MISMATCH',
    );
  });

  it('continues where a connection broke', async () => {
    const content = Buffer.alloc(200_000, 'abc');
    await using bench = await startBench({ files: { big: content } });
    bench.upstream.faults.add({ path: '/files/big', times: 1, answer: 'early-close' });
    const url = `${bench.upstream.url}/files/big`;
    expect(await bench.context.web.measure(url)).toEqual({ digest: digestOf(content), size: 200_000 });
    expect(bench.upstream.requests.map(({ headers }) => headers['range'])).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
  });

  it.each([
    ['a digest', { digest: DIGEST }],
    ['no digest', {}],
  ])('refuses a login page, with %s', async (_, options) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: PATH, answer: 'html' });
    const error = await thrownBy(bench.context.web.measure(`${bench.upstream.url}${PATH}`, options));
    expect(error.code).toBe('ERR_HTTP_BODY');
    expect(error.message).toContain('the server answered with an HTML page');
  });

  it.each([
    ['a digest', { digest: DIGEST }],
    ['no digest', {}],
  ])('names the URL that is not there, without its secrets, with %s', async (_, options) => {
    await using bench = await startBench();
    const { host } = new URL(bench.upstream.url);
    const error = await thrownBy(
      bench.context.web.measure(`http://me:pass@${host}/files/gone?key=secret`, options),
    );
    expect(error.code).toBe('ERR_UPSTREAM_NOT_FOUND');
    expect(error.message).toContain(`Cannot fetch "http://${host}/files/gone": the server answered 404`);
    expect(error.message).not.toMatch(/pass|secret/);
  });

  it('reports a server that fails for good', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: PATH, answer: { status: 500 } });
    const error = await thrownBy(
      bench.context.web.measure(`${bench.upstream.url}${PATH}`, { digest: DIGEST }),
    );
    expect(error.code).toBe('ERR_HTTP_STATUS');
    expect(bench.asked()).toHaveLength(3);
  });

  it('reports a server that falls silent', async () => {
    await using bench = await startBench({ files: { big: Buffer.alloc(100_000) } });
    bench.upstream.faults.add({ path: '/files/big', answer: 'stall' });
    const error = await thrownBy(bench.context.web.measure(`${bench.upstream.url}/files/big`));
    expect(error.code).toBe('ERR_NETWORK_TIMEOUT');
  });
});

describe('document', () => {
  it('returns the bytes, and asks once', async () => {
    await using bench = await startBench();
    const url = `${bench.upstream.url}/files/notes.txt`;
    const texts = await Promise.all([bench.context.web.document(url), bench.context.web.document(url)]);
    expect(texts.map((bytes) => Buffer.from(bytes).toString())).toEqual(['read me\n', 'read me\n']);
    expect(bench.asked()).toEqual(['GET /files/notes.txt']);
  });

  it('refuses what is too large to be one', async () => {
    await using bench = await startBench({ files: { huge: Buffer.alloc(32 * 1024 * 1024 + 1) } });
    const error = await thrownBy(bench.context.web.document(`${bench.upstream.url}/files/huge`));
    expect(error.code).toBe('ERR_DOCUMENT_INVALID');
    expect(error.message).toMatch(/it has more than the 33554432 bytes allowed$/);
  });
});

describe('query', () => {
  it('returns body and headers', async () => {
    await using bench = await startBench({ pageSize: 1 });
    const { body, headers } = await bench.context.web.query(
      `${String(bench.upstream.upstreams['k3sReleases'])}?per_page=1`,
    );
    expect(JSON.parse(Buffer.from(body).toString())).toHaveLength(1);
    expect(headers['link']).toContain('rel="next"');
  });

  it('reports what is not there', async () => {
    await using bench = await startBench();
    const error = await thrownBy(bench.context.web.query(`${bench.upstream.url}/nowhere`));
    expect(error.code).toBe('ERR_UPSTREAM_NOT_FOUND');
  });

  it('does not take an empty success for an answer', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: '/nowhere', answer: { status: 204 } });
    const error = await thrownBy(bench.context.web.query(`${bench.upstream.url}/nowhere`));
    expect(error.code).toBe('ERR_HTTP_STATUS');
  });
});
