import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filesOfPlan, INDEX } from '../../scripts/examples/content.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { isFullReference } from '../../src/oci/reference.ts';
import { specPages } from '../support/requirements.ts';

/** The core rules of ABNF that the grammar uses (RFC 5234, B.1). */
const CORE = new Map([['DIGIT', '[0-9]']]);

/** Returns a regular expression for a rule of the ABNF on the page: as much of ABNF as that needs. */
function expressionOf(rule: string, rules: ReadonlyMap<string, string>): string {
  const text = rules.get(rule) ?? CORE.get(rule);
  if (text === undefined) throw new Error(`no rule "${rule}"`);
  if (text.startsWith('[0-9')) return text;
  return translated(text, rules);
}

function translated(text: string, rules: ReadonlyMap<string, string>): string {
  const tokens =
    text.match(/%s"[^"]*"|"[^"]*"|%x[0-9A-F]+(?:-[0-9A-F]+)?|[0-9]*\*[0-9]*|[0-9]+|[()[\]/]|[A-Za-z]+/g) ??
    [];
  let repeat = '';
  const parts = tokens.map((token) => {
    if (/^[0-9*]+$/.test(token)) {
      const [least = '', most] = token.split('*');
      repeat = most === undefined ? `{${least}}` : `{${least === '' ? '0' : least},${most}}`;
      return '';
    }
    if (token === '(') {
      const own = `(?:`;
      stack.push(repeat);
      repeat = '';
      return own;
    }
    if (token === '[') {
      stack.push('?');
      return '(?:';
    }
    if (token === ')' || token === ']') return `)${stack.pop() ?? ''}`;
    if (token === '/') return '|';
    const count = repeat;
    repeat = '';
    return `(?:${atomOf(token, rules)})${count}`;
  });
  return `(?:${parts.join('')})`;
}

const stack: string[] = [];

function atomOf(token: string, rules: ReadonlyMap<string, string>): string {
  const [, literal] = /^(?:%s)?"([^"]*)"$/.exec(token) ?? [];
  if (literal !== undefined) return literal.replaceAll(/[.[\]]/g, '\\$&');
  const [, from, to = from] = /^%x([0-9A-F]+)(?:-([0-9A-F]+))?$/.exec(token) ?? [];
  return from === undefined ? expressionOf(token, rules) : `[\\u00${from}-\\u00${to}]`;
}

const page = specPages().get('bundle-json.md') ?? '';
const abnf = /```abnf\n([^]*?)```/.exec(page)?.[1] ?? '';
const rules = new Map(
  [...abnf.matchAll(/^([a-z]+) += (.*)$/gm)].map(([, name = '', text = '']) => [name, text]),
);
const grammar = new RegExp(`^${expressionOf('reference', rules)}$`);

/** What the page says beyond the grammar. */
function isReference(text: string): boolean {
  if (!grammar.test(text)) return false;
  const [registry = '', ...components] = text
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .split('/');
  const isHost = registry.includes('.') || registry.includes(':') || registry === 'localhost';
  const isOfHub = registry !== 'docker.io' || components.length > 1;
  return (
    isHost && isOfHub && registry !== 'index.docker.io' && [registry, ...components].join('/').length <= 255
  );
}

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const part = fc.constantFrom(
  'a',
  'A',
  '0',
  '.',
  '_',
  '__',
  '-',
  '--',
  ':',
  '/',
  '@',
  '[',
  ']',
  '::1',
  ' ',
  'docker.io',
  'index.docker.io',
  'localhost',
  'quay.io',
  'library',
  'Quay.IO',
  ':5000',
  ':123456',
  ':v1.0',
  `@${DIGEST}`,
  DIGEST.toUpperCase(),
  'sha256:',
  'x'.repeat(128),
  'https://',
  '\n',
);

describe('a full reference [B-DOC-14]', () => {
  it.each([
    ['docker.io/library/busybox:1.36', true],
    ['docker.io/busybox:1.36', false],
    ['index.docker.io/library/busybox:1', false],
    ['localhost/a:1', true],
    ['host/a:1', false],
    ['host:5000/a:1', true],
    ['[::1]:5000/a:1', true],
    ['Quay.IO/a/b:1', true],
    ['quay.io/a/b', false],
    [`quay.io/a/b@${DIGEST}`, true],
    [`quay.io/a/b:1@${DIGEST}`, true],
    ['quay.io/a__b/c---d/e.f:_1', true],
    ['quay.io/a___b:1', false],
    ['quay.io/A:1', false],
    [`quay.io/${'a'.repeat(247)}:1`, true],
    [`quay.io/${'a'.repeat(248)}:1`, false],
    [`quay.io/a:${'t'.repeat(128)}`, true],
    [`quay.io/a:${'t'.repeat(129)}`, false],
    ['quay.io:123456/a:1', false],
  ])('%s: %s', (text, isOne) => {
    expect(isReference(text)).toBe(isOne);
    expect(isFullReference(text)).toBe(isOne);
  });

  it('is one by the grammar of the page just where it is one to the program', () => {
    const seed = 20_260_820;
    const texts = fc.array(part, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(''));
    const likely = fc.tuple(
      fc.constantFrom('docker.io/', 'quay.io/', 'localhost:5000/'),
      texts,
      fc.constantFrom('', ':1', `@${DIGEST}`),
    );
    const all = fc.oneof(
      texts,
      likely.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(all, (text) => {
        expect(isReference(text)).toBe(isFullReference(text));
      }),
      { numRuns: 5000, seed },
    );
  });
});

describe('what an index lists for a platform', () => {
  const contents = INDEX.contents;
  const held = contents.filter((_, at) => at < 4 || at === contents.length - 1);
  const verdictOf = async (platforms: readonly string[]): Promise<number> => {
    const blobs = held.map(({ descriptor, bytes }) => ({
      descriptor,
      origin: { type: 'bytes', bytes } as const,
    }));
    const item = { ...INDEX.planned.item, kind: 'image', platforms } as const;
    const sample = { planned: { item, blobs }, contents: held };
    const files = filesOfPlan(planBundle('lab', [sample.planned]), [sample]);
    await using bundle = await readBundle(memoryArchive(files), { path: 'lab' });
    return (await checkBundle(bundle)).length;
  };

  it.each([
    [['linux/amd64'], true],
    [['linux/amd64', 'linux/arm64'], false],
    [['linux/amd64', 'linux/arm64/v8'], true],
    [['linux/amd64', 'windows/amd64'], true],
    [['linux/s390x'], true],
  ])(
    'may be absent unless %j has it, letter by letter [B-ITEM-1] [B-ITEM-7]: %s',
    async (platforms, isWhole) => {
      expect((await verdictOf(platforms)) === 0).toBe(isWhole);
    },
  );
});
