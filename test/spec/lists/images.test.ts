import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseImageList } from '../../../src/spec/lists/images.ts';
import { failureOf, problemsIn } from '../../support/failure.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/image-lists');

describe('parseImageList', () => {
  it('returns each reference with its line, duplicates included', () => {
    expect(parseImageList('a/b:1\nc/d:2\na/b:1\n', 'list.txt')).toEqual([
      { text: 'a/b:1', file: 'list.txt', line: 1 },
      { text: 'c/d:2', file: 'list.txt', line: 2 },
      { text: 'a/b:1', file: 'list.txt', line: 3 },
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('takes lines that end in %j, and none at the end', (end) => {
    const text = ['# images', '', 'rancher/rancher:v2.9.2', '  busybox  ', 'alpine # the small one'].join(
      end,
    );
    expect(parseImageList(text, 'x').map((entry) => `${entry.line} ${entry.text}`)).toEqual([
      '3 rancher/rancher:v2.9.2',
      '4 busybox',
      '5 alpine',
    ]);
  });

  it('takes a byte order mark, an empty file and one of comments alone', () => {
    expect(parseImageList('\uFEFFbusybox', 'x').map(({ text }) => text)).toEqual(['busybox']);
    expect(parseImageList('', 'x')).toEqual([]);
    expect(parseImageList('# nothing\n\n', 'x')).toEqual([]);
  });

  it('keeps a digest and a port', () => {
    const reference = `localhost:5000/a/b:1@sha256:${'0'.repeat(64)}`;
    expect(parseImageList(reference, 'x')[0]?.text).toBe(reference);
  });

  it('takes the unusual lines of old and new lists of Rancher', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const lines = [
      'weaveworks/weave-kube:2.8.1',
      'noiro/cnideploy:5.2.3.1',
      'rancher/charts/fleet:104.1.0_up0.10.2',
      `rancher/shell@${digest}`,
      'rancher/mirrored-pause:1.10',
    ];
    expect(parseImageList(lines.join('\r\n'), 'x').map(({ text }) => text)).toEqual(lines);
  });

  it("reads a list as Rancher's release has it", () => {
    const listed = parseImageList(
      readFileSync(join(FIXTURES, 'rancher-style.txt'), 'utf8'),
      'rancher-images.txt',
    );
    expect(listed).toHaveLength(6);
    expect(listed.at(-1)).toEqual({ text: 'rancher/shell:v0.2.1', file: 'rancher-images.txt', line: 8 });
  });

  it('reports every line that is not a reference, with file and line', async () => {
    const text = 'busybox\nRancher/x\n- busybox\na b\nhttps://quay.io/x\nalpine\n';
    const error = await failureOf(() => parseImageList(text, 'list.txt'));
    expect(error.code).toBe('ERR_LIST_INVALID');
    expect(error.message).toBe('Cannot read image list "list.txt": 4 lines without a reference');
    expect(problemsIn(error)).toEqual([
      'Cannot read reference "Rancher/x" at list.txt:2: "Rancher" is not a repository name | Repository names are lower-case.',
      expect.stringMatching(/"- busybox" at list\.txt:3: .* \| An image list is plain text/),
      expect.stringMatching(/"a b" at list\.txt:4: .* \| Write one reference a line/),
      expect.stringMatching(/"https:\/\/quay\.io\/x" at list\.txt:5: /),
    ]);
  });

  it.each([
    [`rancher/shell:v1 sha256:${'0'.repeat(64)}`, /list of digests: name that list under imageDigests/],
    ['rancher/shell:v1 chart,system', /nothing after it/],
    ['a b', /Write one reference a line/],
  ])('says what a line of another list is: “%s”', async (line, hint) => {
    const error = await failureOf(() => parseImageList(line, 'list.txt'));
    expect(problemsIn(error)[0]).toMatch(hint);
  });

  it('shortens a line that is far too long for a message', async () => {
    const error = await failureOf(() => parseImageList('X'.repeat(100_000), 'list.txt'));
    expect(problemsIn(error)[0]?.length).toBeLessThan(600);
  });
});
