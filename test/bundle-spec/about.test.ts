import { describe, expect, it } from 'vitest';
import { filesOfPlan, HELLO, planOfSamples } from '../../scripts/examples/content.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { decodeBundleDocument } from '../../src/bundle/format/decode.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { deltaOf } from '../../src/bundle/plan/delta.ts';
import { renderPage } from '../../src/page/page.ts';
import { encodeJson } from '../../src/internal/json.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import type { About } from '../../src/oci/about/about.ts';
import { failureOf } from '../support/failure.ts';
import { runInMemory, type Library } from '../support/process/cli.ts';
import { sampleOverview } from '../support/samples/sample-overview.ts';
import { parseWhole } from '../support/sites/spec-document.ts';

const ABOUT: About = {
  labels: { wave: '2', site: 'north', 'example.org/Site': 'south' },
  url: 'https://example.org/lab',
  licences: ['Apache-2.0', 'MIT'],
  title: 'Lab <of> August',
};
const YAML = `bundle: 1
name: lab
images: [busybox]
about:
  title: Lab of August
  description: >-
    All that
    the lab needs
  version: "8"
  licences: [Apache-2.0]
  contact: lab@example.org
  url: https://example.org/lab
  labels: { site: north }
`;

/** What a spec, or a document, may not tell. */
const WRONG: readonly (readonly [what: string, about: Readonly<Record<string, unknown>>])[] = [
  ['a control character in a title', { title: 'a\u001b[2J' }],
  ['a line break in a description', { description: 'a\nb' }],
  ['a character that turns text around', { contact: 'a\u202eb' }],
  ['a control character in a label', { labels: { a: '\u0007' } }],
  ['a control character in the key of a label', { labels: { 'a\u0007': 'x' } }],
  ['an empty key', { labels: { '': 'x' } }],
  ['a key that is a number', { labels: { '1': 'x' } }],
  ['a title of 257 units', { title: 'x'.repeat(257) }],
  ['a title of 256 characters of two units', { title: '😀'.repeat(256) }],
  ['an empty version', { version: '' }],
  ['a licence that is none', { licences: [''] }],
  ['101 labels', { labels: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`l${at}`, 'x'])) }],
  ['a label of 1025 units', { labels: { a: 'x'.repeat(1025) } }],
  ['a user in the address', { url: 'https://example.org@example.com/' }],
  ['a password in the address', { url: 'https://a:b@example.com/' }],
  ['an address of another kind', { url: 'file:///etc/passwd' }],
  ['a white space in the address', { url: 'https://example.org/a b' }],
  ['a number', { version: 8 }],
  ['what nobody knows', { author: 'x' }],
];

describe('what is told about a bundle [B-DOC-19]', () => {
  it('goes from the spec into the document, in one order, its labels sorted', () => {
    const { about } = parseWhole(YAML, 'lab.yaml').value;
    expect(about).toMatchObject({ title: 'Lab of August', description: 'All that the lab needs' });
    const { document, files } = planOfSamples([HELLO], { about: ABOUT });
    const bytes = files.find(({ path }) => path === 'bundle.json')?.bytes ?? Buffer.alloc(0);
    expect(decodeBundleDocument(bytes)).toEqual(document);
    const text: { about: About } = JSON.parse(Buffer.from(bytes).toString());
    expect(Object.keys(text.about)).toEqual(['title', 'licences', 'url', 'labels']);
    expect(Object.keys(text.about.labels ?? {})).toEqual(['example.org/Site', 'site', 'wave']);
  });

  it('changes nothing when it says nothing', () => {
    const { root } = planOfSamples([HELLO]);
    for (const about of [{}, { labels: {} }, { licences: [], labels: {} }])
      expect(planOfSamples([HELLO], { about }).root).toBe(root);
    expect(planOfSamples([HELLO], { about: ABOUT }).root).not.toBe(root);
  });

  it('goes into a delta as well', () => {
    const plan = planOfSamples([HELLO], { about: ABOUT });
    const other = { root: plan.root, name: 'old', has: () => true };
    expect(deltaOf(plan, [other]).document.about).toEqual(plan.document.about);
  });

  it.each(WRONG)('is refused with %s, in a spec and in a bundle', async (_, about) => {
    const { document } = planOfSamples([HELLO]);
    const foreign = encodeJson({ ...document, about });
    const spec = JSON.stringify({ bundle: 1, name: 'lab', images: ['busybox'], about });
    for (const [read, code] of [
      [() => decodeBundleDocument(foreign), 'ERR_BUNDLE_INVALID'],
      [() => parseWhole(spec, 'lab.yaml'), 'ERR_SPEC_INVALID'],
    ] as const) {
      const failure = await failureOf(read);
      const problems = failure instanceof ProblemsError ? failure.problems : [failure];
      expect(problems.map((problem) => problem.code)).toEqual([code]);
      expect(problems[0]?.message).toContain('about');
    }
  });

  it('is shown by inspect and on the page, as text and as nothing else', async () => {
    const plan = planOfSamples([HELLO], { about: ABOUT });
    await using bundle = await readBundle(memoryArchive(filesOfPlan(plan, [HELLO])), { path: 'lab.tar' });
    const { about } = bundle.document;
    const inspectBundle: Library['inspectBundle'] = async () => ({
      root: plan.root,
      name: 'lab',
      about,
      signed: false,
      signature: 'none',
      signatureRequired: false,
      path: 'lab.tar',
      form: 'tar',
      items: [],
      kinds: [],
      blobs: 0,
      bytes: 0,
    });
    const { stdout } = await runInMemory(['inspect', 'lab.tar'], { verbs: { inspectBundle } });
    expect(stdout).toContain('  title                   Lab <of> August\n');
    expect(stdout).toContain('  label example.org/Site  south\n');
    const { holdings, items } = sampleOverview();
    const page = renderPage({ holdings: holdings.map((one) => ({ ...one, about })), items }, { origin: '' });
    expect(page).toContain('<dt>title</dt><dd><bdi>Lab &lt;of&gt; August</bdi></dd>');
    expect(page).not.toContain('href="https://example.org');
  });
});
