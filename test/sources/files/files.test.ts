import { describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { faultOfName } from '../../../src/internal/file-name.ts';
import { lastPartOf } from '../../../src/sources/web/last-part.ts';
import { resolveFiles } from '../../../src/sources/files/files.ts';
import { plannedFiles } from '../../support/planned/layers.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { problemsOf } from '../../support/thrown.ts';

const CONTENT = 'a tool, packed\n';

describe('resolveFiles', () => {
  it('names a file after its URL and measures it', async () => {
    await using bench = await startBench();
    const url = `${bench.upstream.url}/files/tool.tar.gz?version=1`;
    const [planned] = await resolveFiles([{ url }], bench.context);
    expect(planned?.item).toMatchObject({ kind: 'file', name: 'tool.tar.gz', audience: ['files'] });
    expect(plannedFiles(planned)).toMatchObject([
      {
        name: 'tool.tar.gz',
        descriptor: { digest: digestOf(CONTENT), size: 15 },
        origin: { type: 'url', url },
      },
    ]);
  });

  it('does not read a file whose checksum the spec knows', async () => {
    await using bench = await startBench();
    const sha256 = hexOf(digestOf(CONTENT));
    const [planned] = await resolveFiles(
      [{ url: `${bench.upstream.url}/files/tool.tar.gz`, sha256 }],
      bench.context,
    );
    expect(plannedFiles(planned)[0]?.descriptor).toMatchObject({ digest: digestOf(CONTENT), size: 15 });
    expect(bench.asked()).toEqual(['HEAD /files/tool.tar.gz']);
  });

  it('takes a name of the spec’s own', async () => {
    await using bench = await startBench();
    const url = `${bench.upstream.url}/files/tool.tar.gz`;
    const items = await resolveFiles(
      [
        { url, name: 'a' },
        { url, name: 'b' },
      ],
      bench.context,
    );
    expect(items.map(({ item }) => item.name)).toEqual(['a', 'b']);
  });

  it('reports everything that is wrong at once', async () => {
    await using bench = await startBench();
    const { url } = bench.upstream;
    const parts = [
      { url: `${url}/files/notes.txt` },
      { url: `${url}/other/NOTES.txt?token=secret` },
      { url: `${url}/files/` },
      { url: `${url}/files/%2e%2e%2fpasswd` },
      { url: `${url}/files/gone` },
      { url: `${url}/files/x`, name: '../x' },
    ];
    expect(await problemsOf(resolveFiles(parts, bench.context))).toEqual([
      `ERR_SPEC_INVALID Cannot name file "${url}/other/NOTES.txt" "NOTES.txt": "${url}/files/notes.txt" has that name`,
      `ERR_SPEC_INVALID Cannot name file "${url}/files/" "": a name is empty`,
      `ERR_SPEC_INVALID Cannot name file "${url}/files/%2e%2e%2fpasswd" "../passwd": the name has a "/"`,
      expect.stringMatching(
        /^ERR_UPSTREAM_NOT_FOUND Cannot fetch ".*\/files\/gone": the server answered 404/,
      ),
      `ERR_SPEC_INVALID Cannot name file "${url}/files/x" "../x": the name has a "/"`,
    ]);
  });
});

describe('faultOfName', () => {
  it.each(['tool', 'tool.tar.gz', '.hidden', 'größe.txt', 'a b', 'v1.30.6+k3s1', 'console', 'com10'])(
    'takes %j',
    (name) => {
      expect(faultOfName(name)).toBeUndefined();
    },
  );

  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a:b',
    'a*',
    'a?',
    'a"',
    '<a>',
    'a|b',
    'a\u0000',
    'a\n',
    'a\u007f',
    'a.',
    'a ',
    ' a',
    'con',
    'NUL.txt',
    'com1',
    'Lpt9.log',
    'x'.repeat(256),
    'ü'.repeat(128),
  ])('refuses %j', (name) => {
    expect(faultOfName(name)).toBeTypeOf('string');
  });
});

describe('lastPartOf', () => {
  it.each([
    ['https://example.com/a/b.tar', 'b.tar'],
    ['https://example.com/a/b%20c#d', 'b c'],
    ['https://example.com/v1%2Bk3s1', 'v1+k3s1'],
    ['https://example.com/100%', '100%'],
    ['https://example.com', ''],
  ])('of %s is %j', (url, name) => {
    expect(lastPartOf(url)).toBe(name);
  });
});
